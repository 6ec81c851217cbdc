import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { type PodWish, node, pod, taint, testSituations } from '../situation.ts';
import { nobodyToLeave, notHelpful } from './messages.ts';

const small = node('n1', { cpu: '2' });
const on = (
  name: string,
  nodeName: string,
  { cpu = '1', ...wish }: PodWish & { readonly cpu?: string } = {},
): ReturnType<typeof pod> => pod(name, { on: nodeName, requests: { cpu }, ...wish });
const important = (wish: PodWish = {}): ReturnType<typeof pod> =>
  pod('p', { priority: 100, requests: { cpu: '1' }, ...wish });

testSituations([
  [
    'a less important pod makes way',
    { nodes: [small], pods: [on('a', 'n1', { cpu: '2' })], pod: important() },
    'n1 without a',
  ],
  [
    'a pod that is as important does not',
    { nodes: [small], pods: [on('a', 'n1', { cpu: '2', priority: 100 })], pod: important() },
    `0/1 nodes are available: 1 Insufficient cpu. ${nobodyToLeave(1)}`,
  ],
  [
    'no more leave than have to',
    {
      nodes: [small],
      pods: [on('a', 'n1', { priority: 5 }), on('b', 'n1', { priority: 1 })],
      pod: important(),
    },
    'n1 without b',
  ],
  [
    'of those alike the one that has run longest stays',
    {
      nodes: [small],
      pods: [
        on('old', 'n1', { status: { startTime: '2026-01-01T00:00:00Z' } }),
        on('young', 'n1', { status: { startTime: '2026-01-02T00:00:00Z' } }),
      ],
      pod: important(),
    },
    'n1 without young',
  ],
  [
    'it is in vain where the node is too small when it is empty',
    { nodes: [small], pods: [on('a', 'n1')], pod: important({ requests: { cpu: '3' } }) },
    `0/1 nodes are available: 1 Insufficient cpu. ${notHelpful(1)}`,
  ],
  [
    'it is in vain where the rest does not make room',
    {
      nodes: [small],
      pods: [on('a', 'n1'), on('b', 'n1', { priority: 100 })],
      pod: important({ requests: { cpu: '2' } }),
    },
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu.',
  ],
  [
    'it does not help against a taint',
    {
      nodes: [node('n1', { taints: [taint('x:NoSchedule')] })],
      pods: [on('a', 'n1')],
      pod: important(),
    },
    `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${notHelpful(1)}`,
  ],
  [
    'a pod that makes nobody leave',
    {
      nodes: [small],
      pods: [on('a', 'n1', { cpu: '2' })],
      pod: important({ preemptionPolicy: 'Never' }),
    },
    '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
  ],
  [
    'the node whose most important victim is least important',
    {
      nodes: [small, node('n2', { cpu: '2' })],
      pods: [
        on('a', 'n1', { cpu: '2', priority: 9 }),
        on('b', 'n2', { priority: 8 }),
        on('c', 'n2', { priority: 8 }),
      ],
      pod: important({ requests: { cpu: '2' } }),
    },
    'n2 without b, c',
  ],
  [
    'then the node with the fewest victims',
    {
      nodes: [small, node('n2', { cpu: '2' })],
      pods: [on('a', 'n1', { cpu: '2' }), on('b', 'n2'), on('c', 'n2')],
      pod: important({ requests: { cpu: '2' } }),
    },
    'n1 without a',
  ],
  [
    'then the node whose victims have run the shortest',
    {
      nodes: [small, node('n2', { cpu: '2' })],
      pods: [
        on('a', 'n1', { cpu: '2', status: { startTime: '2026-01-01T00:00:00Z' } }),
        on('b', 'n2', { cpu: '2', status: { startTime: '2026-01-02T00:00:00Z' } }),
      ],
      pod: important(),
    },
    'n2 without b',
  ],
  [
    'a budget protects a pod where another will do',
    {
      nodes: [small],
      objects: { budgets: [budget('a', 0)] },
      pods: [on('a', 'n1', { labels: { app: 'a' } }), on('b', 'n1', { labels: { app: 'b' } })],
      pod: important(),
    },
    'n1 without b',
  ],
  [
    'a node where no budget is in the way',
    {
      nodes: [small, node('n2', { cpu: '2' })],
      objects: { budgets: [budget('a', 0)] },
      pods: [
        on('a', 'n1', { cpu: '2', labels: { app: 'a' } }),
        on('b', 'n2', { cpu: '2', priority: 9 }),
      ],
      pod: important(),
    },
    'n2 without b',
  ],
  [
    'a budget does not protect where nothing else is left',
    {
      nodes: [small],
      objects: { budgets: [budget('a', 0)] },
      pods: [on('a', 'n1', { cpu: '2', labels: { app: 'a' } })],
      pod: important(),
    },
    'n1 without a',
  ],
  [
    'a budget that allows one',
    {
      nodes: [small, node('n2', { cpu: '2' })],
      objects: { budgets: [budget('a', 1)] },
      pods: [
        on('a', 'n1', { cpu: '2', labels: { app: 'a' } }),
        on('b', 'n2', { cpu: '2', priority: 9 }),
      ],
      pod: important(),
    },
    'n1 without a',
  ],
  [
    'a pod that is avoided makes way',
    {
      nodes: [node('n1')],
      pods: [on('a', 'n1', { labels: { app: 'a' } })],
      pod: important({
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              {
                topologyKey: 'kubernetes.io/hostname',
                labelSelector: { matchLabels: { app: 'a' } },
              },
            ],
          },
        },
      }),
    },
    'n1 without a',
  ],
  [
    'a pod that avoids this one makes way',
    {
      nodes: [node('n1')],
      pods: [
        on('a', 'n1', {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                {
                  topologyKey: 'kubernetes.io/hostname',
                  labelSelector: { matchLabels: { app: 'p' } },
                },
              ],
            },
          },
        }),
      ],
      pod: important({ labels: { app: 'p' } }),
    },
    'n1 without a',
  ],
  [
    'a pod makes way for an even spread',
    {
      nodes: [
        node('n1', { labels: { zone: 'a' } }),
        node('n2', { labels: { zone: 'b' }, cpu: '1' }),
      ],
      pods: [
        on('web', 'n1', { labels: { app: 'web' }, priority: 100 }),
        on('other', 'n2', { priority: 1 }),
      ],
      pod: important({
        labels: { app: 'web' },
        topologySpreadConstraints: [
          {
            topologyKey: 'zone',
            maxSkew: 1,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { app: 'web' } },
          },
        ],
      }),
    },
    'n2 without other',
  ],
  [
    'a host port is given up',
    {
      nodes: [node('n1')],
      pods: [portPod('a', { on: 'n1' })],
      pod: portPod('p', { priority: 1 }),
    },
    'n1 without a',
  ],
  [
    'the node where others have made way comes first',
    {
      nodes: [node('n1'), node('n2', { cpu: '1' })],
      pod: important({ status: { nominatedNodeName: 'n2' } }),
    },
    'n2',
  ],
  [
    'nobody takes the place for which others have made way',
    {
      nodes: [small],
      pods: [important({ status: { nominatedNodeName: 'n1' }, requests: { cpu: '2' } })],
      pod: pod('q', { priority: 50, requests: { cpu: '1' } }),
    },
    `0/1 nodes are available: 1 Insufficient cpu. ${nobodyToLeave(1)}`,
  ],
  [
    'somebody more important does',
    {
      nodes: [small],
      pods: [important({ status: { nominatedNodeName: 'n1' }, requests: { cpu: '2' } })],
      pod: pod('q', { priority: 200, requests: { cpu: '1' } }),
    },
    'n1',
  ],
  [
    'pods that have been told to leave are waited for',
    {
      nodes: [small],
      pods: [
        on('a', 'n1', {
          cpu: '2',
          metadata: {
            namespace: 'default',
            name: 'a',
            deletionTimestamp: '2026-01-01T00:00:00Z',
          },
          status: {
            conditions: [
              { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' },
            ],
          },
        }),
      ],
      pod: important({ status: { nominatedNodeName: 'n1' } }),
    },
    '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.',
  ],
]);

function budget(app: string, disruptionsAllowed: number): PodDisruptionBudget {
  return {
    metadata: { namespace: 'default', name: app },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  };
}

function portPod(name: string, wish: PodWish): ReturnType<typeof pod> {
  const ports = [{ containerPort: 80, hostPort: 80 }];
  return pod(name, { containers: [{ name: 'c', image: 'i', ports }], ...wish });
}
