import type { Affinity, PodAffinityTerm } from '@fairway/kinds/core/v1';
import { node, pod, testSituations } from '../situation.ts';
import { nobodyToLeave, notHelpful } from './messages.ts';

const zoned = [
  node('a1', { labels: { zone: 'a' } }),
  node('a2', { labels: { zone: 'a' } }),
  node('b1', { labels: { zone: 'b' } }),
];
const hostname = 'kubernetes.io/hostname';

testSituations([
  [
    'with others, on the same node',
    {
      nodes: zoned,
      pods: [pod('web', { on: 'a2', labels: { app: 'web' } })],
      pod: pod('p', { affinity: join(term('web', hostname)) }),
    },
    'a2',
  ],
  [
    'with others, in the same zone, where the node has room',
    {
      nodes: zoned,
      pods: [
        pod('web', { on: 'a2', labels: { app: 'web' }, requests: { cpu: '4' } }),
        pod('other', { on: 'b1', labels: { app: 'other' } }),
      ],
      pod: pod('p', { affinity: join(term('web', 'zone')), requests: { cpu: '1' } }),
    },
    'a1',
  ],
  [
    'with others that are nowhere',
    { nodes: zoned, pod: pod('p', { affinity: join(term('web', 'zone')) }) },
    `0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${notHelpful(3)}`,
  ],
  [
    'the first of those that want to be together may be anywhere',
    {
      nodes: [node('n1', { labels: { zone: 'a' } })],
      pod: pod('p', { labels: { app: 'web' }, affinity: join(term('web', 'zone')) }),
    },
    'n1',
  ],
  [
    'also the first one needs a node that has the label',
    {
      nodes: [node('n1')],
      pod: pod('p', { labels: { app: 'web' }, affinity: join(term('web', 'zone')) }),
    },
    `0/1 nodes are available: 1 node(s) didn't match pod affinity rules. ${notHelpful(1)}`,
  ],
  [
    'two terms are about pods that match both',
    {
      nodes: zoned,
      pods: [
        pod('web', { on: 'a1', labels: { app: 'web' } }),
        pod('both', { on: 'b1', labels: { app: 'web', tier: 'front' } }),
      ],
      pod: pod('p', {
        affinity: join(term('web', 'zone'), {
          topologyKey: 'zone',
          labelSelector: { matchLabels: { tier: 'front' } },
        }),
      }),
    },
    'b1',
  ],
  [
    'pods of other namespaces are not meant',
    {
      nodes: zoned,
      pods: [
        pod('web', {
          on: 'b1',
          labels: { app: 'web' },
          metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' } },
        }),
      ],
      pod: pod('p', { affinity: join(term('web', 'zone')) }),
    },
    `0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${notHelpful(3)}`,
  ],
  [
    'a namespace that is named is',
    {
      nodes: zoned,
      pods: [
        pod('web', {
          on: 'b1',
          metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' } },
        }),
      ],
      pod: pod('p', { affinity: join({ ...term('web', 'zone'), namespaces: ['shop'] }) }),
    },
    'b1',
  ],
  [
    'a namespace that is selected by its labels',
    {
      nodes: zoned,
      objects: { namespaces: [{ metadata: { name: 'shop', labels: { team: 'x' } } }] },
      pods: [
        pod('web', {
          on: 'b1',
          metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' } },
        }),
      ],
      pod: pod('p', {
        affinity: join({
          ...term('web', 'zone'),
          namespaceSelector: { matchLabels: { team: 'x' } },
        }),
      }),
    },
    'b1',
  ],
  [
    'an empty namespace selector means all namespaces',
    {
      nodes: zoned,
      objects: { namespaces: [{ metadata: { name: 'shop' } }] },
      pods: [
        pod('web', {
          on: 'b1',
          metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' } },
        }),
      ],
      pod: pod('p', { affinity: join({ ...term('web', 'zone'), namespaceSelector: {} }) }),
    },
    'b1',
  ],
  [
    'away from others, by host',
    {
      nodes: zoned,
      pods: ['a1', 'b1'].map((on) => pod(`web-${on}`, { on, labels: { app: 'web' } })),
      pod: pod('p', { affinity: avoid(term('web', hostname)) }),
    },
    'a2',
  ],
  [
    'away from others, by zone',
    {
      nodes: zoned,
      pods: [pod('web', { on: 'a1', labels: { app: 'web' } })],
      pod: pod('p', { affinity: avoid(term('web', 'zone')) }),
    },
    'b1',
  ],
  [
    'away from others that are everywhere',
    {
      nodes: zoned,
      pods: ['a1', 'b1'].map((on) => pod(`web-${on}`, { on, labels: { app: 'web' } })),
      pod: pod('p', { affinity: avoid(term('web', 'zone')) }),
    },
    "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. " + nobodyToLeave(3),
  ],
  [
    'a node without the label is in nobody’s way',
    {
      nodes: [...zoned, node('n0')],
      pods: ['a1', 'b1'].map((on) => pod(`web-${on}`, { on, labels: { app: 'web' } })),
      pod: pod('p', { affinity: avoid(term('web', 'zone')) }),
    },
    'n0',
  ],
  [
    'others that want to be away from this one',
    {
      nodes: zoned,
      pods: [pod('shy', { on: 'a1', affinity: avoid(term('web', 'zone')) })],
      pod: pod('p', { labels: { app: 'web' } }),
    },
    'b1',
  ],
  [
    'others everywhere that want to be away from this one',
    {
      nodes: zoned,
      pods: ['a1', 'b1'].map((on) =>
        pod(`shy-${on}`, { on, affinity: avoid(term('web', 'zone')) }),
      ),
      pod: pod('p', { labels: { app: 'web' } }),
    },
    "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules. " +
      nobodyToLeave(3),
  ],
  [
    'one of a kind on each node',
    {
      nodes: zoned,
      pods: ['a1', 'a2', 'b1'].map((on) =>
        pod(`db-${on}`, { on, labels: { app: 'db' }, affinity: avoid(term('db', hostname)) }),
      ),
      pod: pod('p', { labels: { app: 'db' }, affinity: avoid(term('db', hostname)) }),
    },
    "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. " + nobodyToLeave(3),
  ],
  [
    'rather with others',
    {
      nodes: zoned,
      pods: [pod('web', { on: 'b1', labels: { app: 'web' } })],
      pod: pod('p', { affinity: prefer('podAffinity', 100, term('web', 'zone')) }),
    },
    'b1',
  ],
  [
    'rather away from others',
    {
      nodes: [zoned[0], zoned[2]].flatMap((each) => each ?? []),
      pods: [pod('web', { on: 'a1', labels: { app: 'web' } })],
      pod: pod('p', { affinity: prefer('podAntiAffinity', 100, term('web', 'zone')) }),
    },
    'b1',
  ],
  [
    'others that rather have this one with them',
    {
      nodes: zoned,
      pods: [pod('friend', { on: 'b1', affinity: prefer('podAffinity', 50, term('web', 'zone')) })],
      pod: pod('p', { labels: { app: 'web' } }),
    },
    'b1',
  ],
  [
    'a term without a selector means nobody',
    {
      nodes: zoned,
      pods: [pod('web', { on: 'b1', labels: { app: 'web' } })],
      pod: pod('p', { affinity: join({ topologyKey: 'zone' }) }),
    },
    `0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${notHelpful(3)}`,
  ],
]);

function term(app: string, topologyKey: string): PodAffinityTerm {
  return { topologyKey, labelSelector: { matchLabels: { app } } };
}

function join(...terms: PodAffinityTerm[]): Affinity {
  return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
}

function avoid(...terms: PodAffinityTerm[]): Affinity {
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
}

function prefer(
  kind: 'podAffinity' | 'podAntiAffinity',
  weight: number,
  podAffinityTerm: PodAffinityTerm,
): Affinity {
  const preferred = [{ weight, podAffinityTerm }];
  return { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: preferred } };
}
