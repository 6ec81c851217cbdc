import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '@fairway/protocol';
import { NodeHealth } from './node-health.ts';

const at = (elapsedMs: number): { elapsedMs: number; nowMs: number } => ({
  elapsedMs,
  nowMs: elapsedMs + 1_000_000,
});

function nodeOf(heartbeatMs?: number): object {
  const lastHeartbeatTime = formatTime(heartbeatMs ?? 0);
  const ready = { type: 'Ready', status: 'True', lastHeartbeatTime };
  return {
    metadata: { name: 'n', uid: 'u', creationTimestamp: formatTime(1_000_000) },
    status: { conditions: heartbeatMs === undefined ? [] : [ready] },
  };
}

const lease = (renewTime: string): object => ({ spec: { renewTime } });

test('a node is silent when neither its status nor its lease is new for 50 s', () => {
  const health = new NodeHealth();
  assert.equal(health.isSilent(nodeOf(0), undefined, at(0)), false);
  assert.equal(health.isSilent(nodeOf(0), undefined, at(50_000)), false);
  assert.equal(health.isSilent(nodeOf(0), undefined, at(50_001)), true);
  assert.equal(health.isSilent(nodeOf(10_000), undefined, at(50_002)), false);
  assert.equal(health.isSilent(nodeOf(10_000), lease('1'), at(100_000)), false);
  assert.equal(health.isSilent(nodeOf(10_000), lease('1'), at(150_000)), false);
  assert.equal(health.isSilent(nodeOf(10_000), lease('1'), at(150_001)), true);
  health.restart(200_000);
  assert.equal(health.isSilent(nodeOf(10_000), lease('1'), at(250_000)), false);
});

test('a node that has never said anything has 60 s from when it was made', () => {
  const health = new NodeHealth();
  assert.equal(health.isSilent(nodeOf(), undefined, at(20_000)), false);
  assert.equal(health.isSilent(nodeOf(), undefined, at(60_000)), false);
  assert.equal(health.isSilent(nodeOf(), undefined, at(60_001)), true);
  assert.equal(new NodeHealth().isSilent(nodeOf(), undefined, at(60_001)), true);
});
