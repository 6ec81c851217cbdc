import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '@fairway/kinds/core/v1';
import type { Endpoint } from '@fairway/kinds/discovery/v1';
import { cpuShares, proportionalHints } from './proportional-hints.ts';

function node(zone: string, cpu: string, more: Partial<Node> = {}): Node {
  return {
    metadata: { labels: zone === '' ? {} : { 'topology.kubernetes.io/zone': zone } },
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: 'True' }] },
    ...more,
  };
}

const controlPlane = node('c', '64', {
  metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } },
});
const notReady = node('c', '64', { status: { conditions: [{ type: 'Ready', status: 'False' }] } });

const shares: readonly (readonly [
  what: string,
  nodes: readonly Node[],
  expected: Readonly<Record<string, number>> | undefined,
])[] = [
  ['by CPUs', [node('a', '2'), node('a', '1'), node('b', '1000m')], { a: 0.75, b: 0.25 }],
  [
    'without those that do not count',
    [node('a', '1'), node('b', '1'), controlPlane, notReady],
    { a: 0.5, b: 0.5 },
  ],
  ['none for one zone', [node('a', '1')], undefined],
  ['none where a node has no zone', [node('a', '1'), node('b', '1'), node('', '1')], undefined],
  ['none where a node has no CPUs', [node('a', '1'), node('b', '0')], undefined],
];

for (const [what, nodes, expected] of shares) {
  test(`cpuShares(): ${what}`, () => {
    const found = cpuShares(nodes);
    assert.deepEqual(found === undefined ? undefined : Object.fromEntries(found), expected);
  });
}

const half = { a: 0.5, b: 0.5 };

/** Endpoints as `a` in a zone, `a!` not ready, `?` in none; hints in the same order. */
const hints: readonly (readonly [
  what: string,
  shares: Readonly<Record<string, number>> | undefined,
  endpoints: string,
  expected: string,
])[] = [
  ['each for its own zone', half, 'a b', 'a b'],
  ['a zone with too few gets of one with too many', half, 'a a a b', 'b a a b'],
  ['by the share of the CPUs', { a: 0.75, b: 0.25 }, 'b b b b', 'a a a b'],
  ['one that is not ready has none', half, 'a a! b', 'a - b'],
  [
    'a zone that is not a whole one short stays so',
    { a: 0.6, b: 0.4 },
    'a a a a a a b b b b',
    'a a a a a a b b b b',
  ],
  ['too few endpoints', half, 'a', 'Insufficient number of endpoints (1 endpoints, 2 zones)'],
  [
    'an overload',
    half,
    'a a b',
    'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)',
  ],
  ['an endpoint without a zone', half, 'a ?', 'One or more endpoints do not have a zone specified'],
  [
    'nodes that do not tell',
    undefined,
    'a b',
    'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
  ],
];

for (const [what, zones, endpoints, expected] of hints) {
  test(`proportionalHints(): ${what}`, () => {
    const given = endpoints.split(' ').map((text): Endpoint => ({
      addresses: ['10.0.0.1'],
      conditions: { ready: !text.endsWith('!') },
      ...(text.startsWith('?') ? {} : { zone: text[0] ?? '' }),
    }));
    const found = proportionalHints(given, zones && new Map(Object.entries(zones)));
    const told =
      'problem' in found
        ? found.problem
        : found.endpoints.map((each) => each.hints?.forZones?.[0]?.name ?? '-').join(' ');
    assert.equal(told, expected);
  });
}
