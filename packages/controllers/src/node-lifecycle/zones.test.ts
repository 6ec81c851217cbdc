import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyNode } from './node-conditions.ts';
import { Zones } from './zones.ts';

function node(name: string, zone = 'a', more: Readonly<Record<string, string>> = {}): AnyNode {
  return { metadata: { name, labels: { 'topology.kubernetes.io/zone': zone, ...more } } };
}

/** A zone of which some nodes are ready: `a0`, `a1`, … */
function fill(zones: Zones, zone: string, ready: number, down: number): void {
  for (let at = 0; at < ready + down; at++) zones.note(node(`${zone}${at}`, zone), at < ready);
}

test('a zone is emptied one node after the other', () => {
  const zones = new Zones();
  fill(zones, 'a', 4, 2);
  fill(zones, 'b', 4, 1);
  assert.equal(zones.mayEmpty('a4', 0), true);
  assert.equal(zones.mayEmpty('a5', 9_999), false);
  assert.equal(zones.mayEmpty('b4', 9_999), true);
  assert.equal(zones.mayEmpty('a5', 10_000), true);
});

test('a small zone in trouble is not emptied, and a large one slowly', () => {
  const zones = new Zones();
  fill(zones, 'a', 2, 3);
  fill(zones, 'b', 20, 40);
  assert.equal(zones.mayEmpty('a2', 0), false);
  assert.equal(zones.mayEmpty('b20', 0), true);
  assert.equal(zones.mayEmpty('b21', 99_999), false);
  assert.equal(zones.mayEmpty('b21', 100_000), true);
});

test('a zone that is down altogether is emptied, unless all are', () => {
  const zones = new Zones();
  fill(zones, 'a', 0, 2);
  assert.equal(zones.areAllDown, true);
  assert.equal(zones.mayEmpty('a0', 0), false);
  fill(zones, 'b', 1, 0);
  assert.equal(zones.areAllDown, false);
  assert.equal(zones.mayEmpty('a0', 0), true);
  zones.forget('b0');
  assert.equal(zones.areAllDown, true);
});

test('a node that moves or does not count is in no zone twice', () => {
  const zones = new Zones();
  zones.note(node('n', 'a'), true);
  zones.note(node('n', 'b'), false);
  assert.equal(zones.areAllDown, true);
  zones.note(node('apart', 'c', { 'node.kubernetes.io/exclude-disruption': '' }), true);
  assert.equal(zones.areAllDown, true);
});
