import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptedNames, builtInHolder } from './accepted-names.ts';

const lamps = { plural: 'lamps', singular: 'lamp', shortNames: ['la'], kind: 'Lamp', listKind: '' };

test('AcceptedNames tells which names of a group others have', () => {
  const accepted = new AcceptedNames();
  accepted.hold(builtInHolder, 'apps', { plural: 'deployments', kind: 'Deployment' });
  accepted.hold('lamps.example.com', 'example.com', lamps);
  const own = accepted.takenFrom('lamps.example.com', 'example.com');
  const other = accepted.takenFrom('lights.example.com', 'example.com');
  for (const name of ['lamps', 'lamp', 'la']) {
    assert.equal(own.resources.has(name), false);
    assert.equal(other.resources.has(name), true, name);
  }
  assert.deepEqual(['Lamp', ''].map(other.kinds.has), [true, false]);
  assert.equal(accepted.takenFrom('x', 'other.com').resources.has('lamps'), false);
  assert.equal(accepted.takenFrom('x', 'apps').kinds.has('Deployment'), true);
});

test('AcceptedNames gives a name free when all who hold it have let go', () => {
  const accepted = new AcceptedNames();
  accepted.hold('one', 'example.com', lamps);
  accepted.hold('two', 'example.com', { plural: 'las', shortNames: ['la'], kind: 'La' });
  const isTakenFrom = (holder: string): boolean =>
    accepted.takenFrom(holder, 'example.com').resources.has('la');
  assert.deepEqual(['one', 'two'].map(isTakenFrom), [true, true]);
  accepted.release('one', 'example.com', lamps);
  assert.deepEqual(['one', 'two'].map(isTakenFrom), [true, false]);
});
