import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceEndpoint } from '../service-backends.ts';
import { nearEndpoints } from './near-endpoints.ts';

/** `a n1 z1`: an address with the node and the zone that it is for; `-` is none, `!` at its end not ready. */
function endpoint(text: string): ServiceEndpoint {
  const [address = '', forNode = '-', forZone = '-'] = text.replace('!', '').split(' ');
  const named = (name: string): { name: string }[] => (name === '-' ? [] : [{ name }]);
  return {
    address,
    port: 80,
    nodeName: undefined,
    conditions: { ready: !text.endsWith('!') },
    hints: { forNodes: named(forNode), forZones: named(forZone) },
  };
}

test('a node uses the endpoints that hints of all are for', () => {
  const cases: Readonly<Record<string, readonly [readonly string[], string]>> = {
    'no hints': [['a', 'b'], 'ab'],
    'for the zone': [['a - z1', 'b - z2'], 'a'],
    'for the node before the zone': [['a n2 z1', 'b n1 z1'], 'b'],
    'for other nodes, and the zone': [['a n2 z1', 'b n3 z2'], 'a'],
    'for other zones': [['a - z2', 'b - z3'], 'ab'],
    'one without a hint': [['a - z1', 'b'], 'ab'],
    'one without a hint that is not ready': [['a - z1', 'b!'], 'a'],
    'none ready': [['a - z1!', 'b - z2!'], 'ab'],
  };
  for (const [what, [endpoints, expected]] of Object.entries(cases)) {
    const near = nearEndpoints(endpoints.map(endpoint), { name: 'n1', zone: 'z1' });
    assert.equal(near.map(({ address }) => address).join(''), expected, what);
  }
});

test('a node without a zone has none that are near by it', () => {
  const all = ['a - z1', 'b - z2'].map(endpoint);
  assert.deepEqual(nearEndpoints(all, { name: 'n1', zone: undefined }), all);
});
