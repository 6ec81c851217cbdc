import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '@fairway/kinds/discovery/v1';
import { portsKey, spreadEndpoints } from './slice-group.ts';

const ports = [{ name: 'http', port: 80, protocol: 'TCP' }] as const;

function endpoint(name: string, ready = true): Endpoint {
  const targetRef = { kind: 'Pod', name, uid: name };
  return { addresses: [`10.0.0.${name}`], conditions: { ready }, targetRef };
}

function slice(name: string, held: readonly string[]): EndpointSlice {
  return {
    metadata: { name },
    addressType: 'IPv4',
    ports,
    endpoints: held.map((each) => endpoint(each)),
  };
}

interface Situation {
  readonly what: string;
  readonly existing: Readonly<Record<string, readonly string[]>>;
  readonly wanted: readonly string[];
  /** By the name of the slice; `new` for those that are made. */
  readonly expected: readonly (readonly [slice: string, held: readonly string[]])[];
}

const situations: readonly Situation[] = [
  {
    what: 'new slices are filled up',
    existing: {},
    wanted: ['1', '2', '3', '4'],
    expected: [
      ['new', ['1', '2', '3']],
      ['new', ['4']],
    ],
  },
  {
    what: 'an endpoint stays where it is',
    existing: { a: ['2', '1'], b: ['3'] },
    wanted: ['1', '2', '3'],
    expected: [
      ['a', ['2', '1']],
      ['b', ['3']],
    ],
  },
  {
    what: 'a new one goes where an old one has left, not where there is more room',
    existing: { a: ['1', '2', '3'], b: ['4'] },
    wanted: ['1', '2', '4', '5'],
    expected: [
      ['a', ['1', '2', '5']],
      ['b', ['4']],
    ],
  },
  {
    what: 'new ones go together into the fullest slice that has room for all',
    existing: { a: ['1'], b: ['2', '3'] },
    wanted: ['1', '2', '3', '4'],
    expected: [
      ['a', ['1']],
      ['b', ['2', '3', '4']],
    ],
  },
  {
    what: 'new ones for whom no slice has room get a new one',
    existing: { a: ['1', '2'] },
    wanted: ['1', '2', '3', '4'],
    expected: [
      ['a', ['1', '2']],
      ['new', ['3', '4']],
    ],
  },
  {
    what: 'a slice that loses all its endpoints is not wanted any more',
    existing: { a: ['1'], b: ['2'] },
    wanted: ['2'],
    expected: [['b', ['2']]],
  },
  {
    what: 'an endpoint that stands in two slices stays in one',
    existing: { a: ['1'], b: ['1', '2'] },
    wanted: ['1', '2'],
    expected: [
      ['a', ['1']],
      ['b', ['2']],
    ],
  },
];

for (const { what, existing, wanted, expected } of situations) {
  test(`spreadEndpoints(): ${what}`, () => {
    const slices = Object.entries(existing).map(([name, held]) => slice(name, held));
    const endpoints = wanted.map((name) => endpoint(name));
    const drafts = spreadEndpoints({ ports, endpoints }, slices, 3);
    const found = drafts.map((draft) => [
      draft.slice?.metadata?.name ?? 'new',
      draft.endpoints.map(({ targetRef }) => targetRef?.name),
    ]);
    assert.deepEqual(found, expected);
  });
}

test('spreadEndpoints() gives what an endpoint is now, not what it was', () => {
  const group = { ports, endpoints: [endpoint('1', false)] };
  const [draft] = spreadEndpoints(group, [slice('a', ['1'])], 3);
  assert.deepEqual(draft?.endpoints, [endpoint('1', false)]);
});

test('portsKey() is the same for the same ports in any order', () => {
  const [one, other] = [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ] as const;
  assert.equal(portsKey([one, other]), portsKey([other, { ...one, protocol: 'TCP' }]));
  assert.notEqual(portsKey([one]), portsKey([{ ...one, protocol: 'UDP' }]));
  assert.equal(portsKey(null), portsKey([]));
});
