import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyNode } from './node-conditions.ts';
import { taintsOf } from './node-taints.ts';

const at = { evicts: undefined, nowMs: 0 };
const timeAdded = '1970-01-01T00:00:00Z';
const foreign = { key: 'example.com/mine', effect: 'NoExecute' } as const;

function nodeOf(
  conditions: Readonly<Record<string, string>>,
  spec: NonNullable<AnyNode['spec']> = {},
): AnyNode {
  const list = Object.entries(conditions).map(([type, status]) => ({ type, status }));
  return { spec, status: { conditions: list } } as AnyNode;
}

function keysOf(node: AnyNode, evicts?: boolean): readonly string[] {
  return taintsOf(node, { evicts, nowMs: 0 }).map(
    ({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`,
  );
}

test('conditions become taints that keep new pods away', () => {
  const pressed = {
    Ready: 'True',
    MemoryPressure: 'True',
    PIDPressure: 'True',
    DiskPressure: 'True',
  };
  assert.deepEqual(keysOf(nodeOf(pressed)), [
    'memory-pressure:NoSchedule',
    'pid-pressure:NoSchedule',
    'disk-pressure:NoSchedule',
  ]);
  assert.deepEqual(keysOf(nodeOf({ NetworkUnavailable: 'True' })), [
    'network-unavailable:NoSchedule',
  ]);
  assert.deepEqual(keysOf(nodeOf({ Ready: 'False' })), ['not-ready:NoSchedule']);
  assert.deepEqual(keysOf(nodeOf({ Ready: 'True' }, { unschedulable: true })), [
    'unschedulable:NoSchedule',
  ]);
});

test('pods are moved away when it is time, and by one taint only', () => {
  const silent = { Ready: 'Unknown' };
  assert.deepEqual(keysOf(nodeOf(silent), true), [
    'unreachable:NoSchedule',
    'unreachable:NoExecute',
  ]);
  const taints = taintsOf(nodeOf(silent), { evicts: true, nowMs: 0 });
  const node = nodeOf(silent, { taints: [...taints] });
  assert.equal(taintsOf(node, at), node.spec?.taints);
  assert.deepEqual(keysOf(nodeOf({ Ready: 'False' }, { taints: [...taints] })), [
    'not-ready:NoSchedule',
    'not-ready:NoExecute',
  ]);
  assert.deepEqual(keysOf(node, false), ['unreachable:NoSchedule']);
  assert.deepEqual(keysOf(nodeOf({ Ready: 'True' }, { taints: [...taints] })), []);
});

test('taints of others stay as they are', () => {
  const node = nodeOf({ Ready: 'False' }, { taints: [foreign] });
  assert.deepEqual(taintsOf(node, at), [
    foreign,
    { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule', timeAdded },
  ]);
});
