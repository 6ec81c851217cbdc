import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackendChoice, clientsMax } from './backend-choice.ts';
import type { EntranceBackend } from './service-entrance.ts';

const backends: readonly EntranceBackend[] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map(
  (address) => ({ address, port: 80, isOutside: false }),
);
const [first, second, third] = backends as [EntranceBackend, EntranceBackend, EntranceBackend];

/** Chance goes through these, over and over. */
function choosing(...chances: readonly number[]): { choice: BackendChoice; clock: { ms: number } } {
  const clock = { ms: 0 };
  let count = 0;
  const random = (): number => chances[count++ % chances.length] ?? 0;
  return { choice: new BackendChoice({ now: () => clock.ms, random }), clock };
}

test('every connection goes to any of the backends that were not tried', () => {
  const { choice } = choosing(0, 0.5, 0.999);
  const free = { affinitySeconds: undefined, backends };
  const chosen = [1, 2, 3].map(() => choice.choose(free, 'a'));
  assert.deepEqual(chosen, [first, second, third]);
  assert.equal(choice.choose(free, 'a', new Set([first])), second);
  assert.equal(choice.choose(free, 'a', new Set(backends)), undefined);
  assert.equal(choice.choose({ ...free, backends: [] }, 'a'), undefined);
});

test('a client stays with its backend for so long after its last connection', () => {
  const { choice, clock } = choosing(0, 0.999, 0.5);
  const kept = { affinitySeconds: 10, backends };
  assert.equal(choice.choose(kept, 'a'), first);
  assert.equal(choice.choose(kept, 'b'), third);
  clock.ms = 9_999;
  assert.equal(choice.choose(kept, 'a'), first);
  clock.ms = 19_998;
  assert.equal(choice.choose(kept, 'a'), first);
  clock.ms = 29_998;
  assert.equal(choice.choose(kept, 'a'), second);
});

test('a client whose backend is gone or does not answer stays with another one', () => {
  const { choice } = choosing(0, 0.999, 0);
  const kept = { affinitySeconds: 10, backends };
  assert.equal(choice.choose(kept, 'a'), first);
  assert.equal(choice.choose(kept, 'a', new Set([first])), third);
  assert.equal(choice.choose(kept, 'a'), third);
  // An equal one that was told of anew is the same.
  const told = { ...kept, backends: structuredClone(backends) };
  assert.deepEqual(choice.choose(told, 'a'), third);
  assert.equal(choice.choose({ ...kept, backends: [first, second] }, 'a'), first);
});

test('clients beyond the bound are forgotten, the one first that came least recently', () => {
  const { choice } = choosing(0.999);
  const kept = { affinitySeconds: 10, backends };
  for (let count = 0; count < clientsMax; count += 1) choice.choose(kept, `client-${count}`);
  const two = { ...kept, backends: [first, second] };
  const moved = choosing(0).choice;
  moved.choose(kept, 'old');
  for (let count = 0; count < clientsMax; count += 1) moved.choose(kept, `client-${count}`);
  assert.equal(choice.choose(two, 'client-0'), second);
  assert.equal(moved.choose({ ...kept, backends: [second, first] }, 'old'), second);
});
