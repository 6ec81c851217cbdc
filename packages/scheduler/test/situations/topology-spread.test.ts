import type { TopologySpreadConstraint } from '@fairway/kinds/core/v1';
import { type PodWish, node, pod, taint, testSituations } from '../situation.ts';
import { nobodyToLeave, notHelpful } from './messages.ts';

const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
const zoned = ['a', 'b', 'c'].map((each) => node(`${each}1`, { labels: { [zone]: each } }));
const web = (name: string, wish: PodWish = {}): ReturnType<typeof pod> =>
  pod(name, { labels: { app: 'web' }, ...wish });
const on = (...nodes: readonly string[]): ReturnType<typeof pod>[] =>
  nodes.map((name, at) => web(`web-${at}`, { on: name }));
const strict: TopologySpreadConstraint = {
  topologyKey: zone,
  maxSkew: 1,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
};

testSituations([
  [
    'the zone with the fewest',
    {
      nodes: zoned,
      pods: on('a1', 'b1'),
      pod: web('p', { topologySpreadConstraints: [strict] }),
    },
    'c1',
  ],
  [
    'the zone with the fewest has no room',
    {
      nodes: zoned,
      pods: [...on('a1', 'b1'), pod('full', { on: 'c1', requests: { cpu: '4' } })],
      pod: web('p', { topologySpreadConstraints: [strict], requests: { cpu: '1' } }),
    },
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match pod topology spread constraints. " +
      nobodyToLeave(3),
  ],
  [
    'a larger skew is allowed',
    {
      nodes: zoned,
      pods: [...on('a1', 'b1', 'b1'), pod('full', { on: 'c1', requests: { cpu: '4' } })],
      pod: web('p', {
        topologySpreadConstraints: [{ ...strict, maxSkew: 2 }],
        requests: { cpu: '1' },
      }),
    },
    'a1',
  ],
  [
    'a node without the label',
    {
      nodes: [node('n1')],
      pod: web('p', { topologySpreadConstraints: [strict] }),
    },
    "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label). " +
      notHelpful(1),
  ],
  [
    'pods of other namespaces and pods that go do not count',
    {
      nodes: zoned,
      pods: [
        ...on('a1', 'b1'),
        web('leaving', {
          on: 'c1',
          metadata: {
            name: 'leaving',
            namespace: 'default',
            labels: { app: 'web' },
            deletionTimestamp: '2026-01-01T00:00:00Z',
          },
        }),
        web('elsewhere', {
          on: 'c1',
          metadata: { name: 'elsewhere', namespace: 'shop', labels: { app: 'web' } },
        }),
      ],
      pod: web('p', { topologySpreadConstraints: [strict] }),
    },
    'c1',
  ],
  [
    'a zone where the pod cannot be does not count',
    {
      nodes: zoned,
      pods: on('a1', 'b1'),
      pod: web('p', {
        topologySpreadConstraints: [strict],
        nodeSelector: { [hostname]: 'a1' },
      }),
    },
    'a1',
  ],
  [
    'a zone where the pod cannot be counts when the constraint says so',
    {
      nodes: zoned,
      pods: on('a1', 'b1'),
      pod: web('p', {
        topologySpreadConstraints: [{ ...strict, nodeAffinityPolicy: 'Ignore' }],
        nodeSelector: { [hostname]: 'a1' },
      }),
    },
    "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, " +
      "2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: " +
      '1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
  ],
  [
    'a zone whose node has a taint counts',
    {
      nodes: [
        ...zoned.slice(0, 2),
        node('c1', { labels: { [zone]: 'c' }, taints: [taint('x:NoSchedule')] }),
      ],
      pods: on('a1', 'b1'),
      pod: web('p', { topologySpreadConstraints: [strict] }),
    },
    "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match pod topology " +
      'spread constraints. preemption: 0/3 nodes are available: 1 Preemption is not helpful for ' +
      'scheduling, 2 No preemption victims found for incoming pod.',
  ],
  [
    'a zone whose node has a taint does not count when the constraint says so',
    {
      nodes: [
        ...zoned.slice(0, 2),
        node('c1', { labels: { [zone]: 'c' }, taints: [taint('x:NoSchedule')] }),
      ],
      pods: on('a1', 'a1', 'b1'),
      pod: web('p', {
        topologySpreadConstraints: [{ ...strict, nodeTaintsPolicy: 'Honor' }],
      }),
    },
    'b1',
  ],
  [
    'fewer zones than the constraint wants',
    {
      nodes: zoned.slice(0, 2),
      pods: on('a1', 'b1'),
      pod: web('p', { topologySpreadConstraints: [{ ...strict, minDomains: 3 }] }),
    },
    "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints. " +
      nobodyToLeave(2),
  ],
  [
    'two constraints, each of which must hold',
    {
      nodes: [...zoned, node('c2', { labels: { [zone]: 'c' } })],
      pods: on('a1', 'b1', 'c1'),
      pod: web('p', {
        topologySpreadConstraints: [strict, { ...strict, topologyKey: hostname }],
      }),
    },
    'c2',
  ],
  [
    'only pods of the same version are alike',
    {
      nodes: zoned.slice(0, 2),
      pods: ['a1', 'a1', 'b1'].map((each, at) =>
        pod(`web-${at}`, { on: each, labels: { app: 'web', version: at < 2 ? '1' : '2' } }),
      ),
      pod: pod('p', {
        labels: { app: 'web', version: '2' },
        topologySpreadConstraints: [{ ...strict, matchLabelKeys: ['version'] }],
      }),
    },
    'a1',
  ],
  [
    'a pod that is not one of those it spreads among may be where they are',
    {
      nodes: zoned.slice(0, 2),
      pods: on('a1'),
      pod: pod('p', {
        topologySpreadConstraints: [strict],
        nodeSelector: { [hostname]: 'a1' },
      }),
    },
    'a1',
  ],
  [
    'a wish: the zone with the fewest',
    {
      nodes: zoned,
      pods: on('a1', 'a1', 'b1', 'c1', 'c1'),
      pod: web('p', {
        topologySpreadConstraints: [{ ...strict, whenUnsatisfiable: 'ScheduleAnyway' }],
      }),
    },
    'b1',
  ],
  [
    'a wish that cannot be fulfilled',
    {
      nodes: zoned.slice(0, 1),
      pods: on('a1', 'a1'),
      pod: web('p', {
        topologySpreadConstraints: [{ ...strict, whenUnsatisfiable: 'ScheduleAnyway' }],
      }),
    },
    'a1',
  ],
  [
    'pods of a service are spread without a word',
    {
      nodes: zoned,
      objects: {
        services: [
          { metadata: { namespace: 'default', name: 'web' }, spec: { selector: { app: 'web' } } },
        ],
      },
      pods: on('a1', 'b1'),
      pod: web('p'),
    },
    'c1',
  ],
  [
    'pods of a replica set are spread without a word',
    {
      nodes: [node('n1'), node('n2')],
      objects: {
        replicaSets: [
          {
            metadata: { namespace: 'default', name: 'rs' },
            spec: { selector: { matchLabels: { app: 'web' } } },
          },
        ],
      },
      pods: on('n1'),
      pod: web('p', {
        metadata: {
          namespace: 'default',
          name: 'p',
          labels: { app: 'web' },
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller: true },
          ],
        },
      }),
    },
    'n2',
  ],
]);
