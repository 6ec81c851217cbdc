import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointAddress, EndpointSubset, Pod, Service } from '@fairway/kinds/core/v1';
import { repackSubsets } from './repack-subsets.ts';
import { truncateSubsets } from './truncate-subsets.ts';
import { wantedEndpoints } from './wanted-endpoints.ts';

const [a, b] = [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] as const;
const [http, raw] = [
  { name: 'http', port: 80 },
  { name: 'raw', port: 9 },
] as const;

const repacked: readonly {
  readonly what: string;
  readonly subsets: readonly EndpointSubset[];
  readonly expected: readonly EndpointSubset[];
}[] = [
  {
    what: 'addresses with the same ports stand together, sorted',
    subsets: [
      { addresses: [b], ports: [raw, http] },
      { addresses: [a], ports: [http, raw] },
    ],
    expected: [{ addresses: [a, b], ports: [http, raw] }],
  },
  {
    what: 'an address with one port more stands apart with it',
    subsets: [
      { addresses: [a], ports: [http, raw] },
      { addresses: [b], ports: [http] },
    ],
    expected: [
      { addresses: [a, b], ports: [http] },
      { addresses: [a], ports: [raw] },
    ],
  },
  {
    what: 'not ready counts, of an address that is both',
    subsets: [
      { notReadyAddresses: [a], ports: [http] },
      { addresses: [a], ports: [http] },
    ],
    expected: [{ notReadyAddresses: [a], ports: [http] }],
  },
  {
    what: 'addresses without ports stay',
    subsets: [{ addresses: [b] }, { addresses: [a] }],
    expected: [{ addresses: [a, b] }],
  },
  {
    what: 'ports without a name stay apart',
    subsets: [
      { addresses: [a], ports: [{ port: 1 }] },
      { addresses: [a], ports: [{ port: 2 }] },
    ],
    expected: [
      { addresses: [a], ports: [{ port: 1 }] },
      { addresses: [a], ports: [{ port: 2 }] },
    ],
  },
  { what: 'ports that nobody serves go', subsets: [{ ports: [http] }], expected: [] },
];

for (const { what, subsets, expected } of repacked) {
  test(`repackSubsets(): ${what}`, () => assert.deepEqual(repackSubsets(subsets), expected));
}

function many(count: number): readonly EndpointAddress[] {
  return Array.from({ length: count }, (_, at) => ({ ip: `10.0.${at >> 8}.${at & 255}` }));
}

const truncated: readonly (readonly [
  what: string,
  subsets: readonly (readonly [ready: number, notReady: number])[],
  expected: readonly (readonly [ready: number, notReady: number])[] | undefined,
])[] = [
  ['all fit', [[600, 400]], undefined],
  ['those that are not ready go first', [[700, 900]], [[700, 300]]],
  [
    'of those that are ready each subset keeps its share',
    [
      [900, 5],
      [300, 0],
    ],
    [
      [750, 0],
      [250, 0],
    ],
  ],
  [
    'a subset that is left with none goes',
    [
      [1_000, 0],
      [0, 10],
    ],
    [[1_000, 0]],
  ],
];

for (const [what, subsets, expected] of truncated) {
  test(`truncateSubsets(): ${what}`, () => {
    const found = truncateSubsets(
      subsets.map(([ready, notReady]) => ({
        addresses: many(ready),
        notReadyAddresses: many(notReady),
        ports: [http],
      })),
    );
    const counts = found?.map(({ addresses = [], notReadyAddresses = [] }) => [
      addresses.length,
      notReadyAddresses.length,
    ]);
    assert.deepEqual(counts, expected);
  });
}

test('wantedEndpoints() says of more than 1000 addresses that some are left out, and no more of fewer', () => {
  const key = 'endpoints.kubernetes.io/over-capacity';
  const service: Service = {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.0.0.9', selector: { app: 'web' }, ports: [{ port: 80 }] },
  };
  const pods = many(1_010).map(({ ip }): Pod => ({
    metadata: { name: ip, uid: ip },
    status: { phase: 'Running', podIP: ip },
  }));
  const triggerTime = undefined;
  const current = wantedEndpoints(service, { pods, current: undefined, triggerTime });
  assert.equal(current?.metadata?.annotations?.[key], 'truncated');
  assert.equal(current.subsets?.[0]?.notReadyAddresses?.length, 1_000);
  assert.equal(wantedEndpoints(service, { pods, current, triggerTime }), undefined);
  const fewer = wantedEndpoints(service, { pods: pods.slice(20), current, triggerTime });
  assert.equal(fewer?.metadata?.annotations, undefined);
  assert.equal(fewer?.subsets?.[0]?.notReadyAddresses?.length, 990);
});
