import type { Affinity, NodeSelectorRequirement, Toleration } from '@fairway/kinds/core/v1';
import { node, pod, taint, testSituations } from '../situation.ts';
import { notHelpful } from './messages.ts';

const gpuNode = node('n1', { taints: [taint('gpu=yes:NoSchedule')] });
const tolerating = (...tolerations: Toleration[]): ReturnType<typeof pod> =>
  pod('p', { tolerations });

testSituations([
  ['a taint that is not tolerated', { nodes: [gpuNode, node('n2')], pod: pod('p') }, 'n2'],
  [
    'nothing but taints',
    { nodes: [gpuNode], pod: pod('p') },
    `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${notHelpful(1)}`,
  ],
  [
    'a taint that is tolerated by its value',
    { nodes: [gpuNode], pod: tolerating({ key: 'gpu', value: 'yes', effect: 'NoSchedule' }) },
    'n1',
  ],
  [
    'a taint with another value',
    { nodes: [gpuNode], pod: tolerating({ key: 'gpu', value: 'no' }) },
    `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${notHelpful(1)}`,
  ],
  [
    'NoExecute keeps new pods away too',
    { nodes: [node('n1', { taints: [taint('down:NoExecute')] })], pod: pod('p') },
    `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${notHelpful(1)}`,
  ],
  [
    'a pod that tolerates everything',
    {
      nodes: [node('n1', { taints: [taint('a:NoSchedule'), taint('b:NoExecute')] })],
      pod: tolerating({ operator: 'Exists' }),
    },
    'n1',
  ],
  [
    'PreferNoSchedule keeps nobody away when there is no other node',
    { nodes: [node('n1', { taints: [taint('old:PreferNoSchedule')] })], pod: pod('p') },
    'n1',
  ],
  [
    'PreferNoSchedule: another node is better',
    {
      nodes: [node('n1', { taints: [taint('old:PreferNoSchedule')] }), node('n2')],
      pod: pod('p'),
    },
    'n2',
  ],
  [
    'a node that is cordoned',
    { nodes: [node('n1', { isUnschedulable: true }), node('n2')], pod: pod('p') },
    'n2',
  ],
  [
    'only nodes that are cordoned',
    { nodes: [node('n1', { isUnschedulable: true })], pod: pod('p') },
    `0/1 nodes are available: 1 node(s) were unschedulable. ${notHelpful(1)}`,
  ],
  [
    'a daemon does not mind that its node is cordoned',
    {
      nodes: [node('n1', { isUnschedulable: true })],
      pod: tolerating({ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }),
    },
    'n1',
  ],
  [
    'a node selector',
    {
      nodes: [node('n1'), node('n2', { labels: { disk: 'ssd' } })],
      pod: pod('p', { nodeSelector: { disk: 'ssd' } }),
    },
    'n2',
  ],
  [
    'a node selector that no node fulfils',
    {
      nodes: [node('n1'), node('n2', { labels: { disk: 'ssd' } })],
      pod: pod('p', { nodeSelector: { disk: 'tape' } }),
    },
    `0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${notHelpful(2)}`,
  ],
  [
    'a required affinity',
    {
      nodes: [node('n1', { labels: { zone: 'a' } }), node('n2', { labels: { zone: 'b' } })],
      pod: pod('p', { affinity: required({ key: 'zone', operator: 'In', values: ['b', 'c'] }) }),
    },
    'n2',
  ],
  [
    'selector and affinity must both hold',
    {
      nodes: [node('n1', { labels: { zone: 'a' } }), node('n2', { labels: { disk: 'ssd' } })],
      pod: pod('p', {
        nodeSelector: { disk: 'ssd' },
        affinity: required({ key: 'zone', operator: 'Exists' }),
      }),
    },
    `0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${notHelpful(2)}`,
  ],
  [
    'a comparison of numbers',
    {
      nodes: [node('n1', { labels: { cores: '8' } }), node('n2', { labels: { cores: '16' } })],
      pod: pod('p', { affinity: required({ key: 'cores', operator: 'Gt', values: ['8'] }) }),
    },
    'n2',
  ],
  [
    'a pod of a daemon set, which names its node',
    { nodes: [node('n1'), node('n2'), node('n3')], pod: pod('p', { affinity: named('n2') }) },
    'n2',
  ],
  [
    'a pod of a daemon set whose node has no room',
    {
      nodes: [node('n1'), node('n2'), node('n3')],
      pod: pod('p', { affinity: named('n2'), requests: { cpu: '8' } }),
    },
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. " +
      notHelpful(3),
  ],
  [
    'terms that name two nodes at once',
    {
      nodes: [node('n1'), node('n2')],
      pod: pod('p', {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchFields: [
                    { key: 'metadata.name', operator: 'In', values: ['n1'] },
                    { key: 'metadata.name', operator: 'In', values: ['n2'] },
                  ],
                },
              ],
            },
          },
        },
      }),
    },
    `0/2 nodes are available: pod affinity terms conflict. ${notHelpful(2)}`,
  ],
  [
    'of two preferences the heavier one',
    {
      nodes: [
        node('n1', { labels: { zone: 'a' } }),
        node('n2', { labels: { zone: 'b' } }),
        node('n3'),
      ],
      pod: pod('p', { affinity: preferred({ a: 10, b: 60 }) }),
    },
    'n2',
  ],
  [
    'a preference that no node fulfils',
    { nodes: [node('n1')], pod: pod('p', { affinity: preferred({ a: 10 }) }) },
    'n1',
  ],
  [
    'each node has its own cause',
    {
      nodes: [
        gpuNode,
        node('n2', { isUnschedulable: true }),
        node('n3', { cpu: '1' }),
        node('n4', { labels: { disk: 'ssd' } }),
        node('n5', { cpu: '1' }),
      ],
      pod: pod('p', {
        requests: { cpu: '2' },
        affinity: required({ key: 'disk', operator: 'DoesNotExist' }),
      }),
    },
    "0/5 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, " +
      '1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient cpu. ' +
      notHelpful(5),
  ],
]);

function required(...matchExpressions: NodeSelectorRequirement[]): Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  };
}

function named(name: string): Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] },
        ],
      },
    },
  };
}

/** Zones and what they weigh. */
function preferred(zones: Readonly<Record<string, number>>): Affinity {
  return {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: Object.entries(zones).map(
        ([zone, weight]) => ({
          weight,
          preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] },
        }),
      ),
    },
  };
}
