import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { bearerCredential, type Credential } from '../cluster-target.ts';
import { refreshingCredentials } from './refreshing-credentials.ts';

/** Loads `answers` one after the other, and counts. */
function source(answers: readonly (Credential | Error)[]): {
  load(): Promise<Credential>;
  loads(): number;
} {
  let loads = 0;
  return {
    loads: () => loads,
    async load() {
      const answer = answers[Math.min(loads++, answers.length - 1)];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
      return { ...answer };
    },
  };
}

test('refreshingCredentials() loads once for everybody who asks at the same time', async () => {
  const { load, loads } = source([bearerCredential('a')]);
  const credentials = refreshingCredentials({ clock: new ManualClock(), load });
  const all = await Promise.all(Array.from({ length: 10 }, () => credentials.current()));
  assert.equal(loads(), 1);
  assert.equal(new Set(all).size, 1);
});

test('refreshingCredentials() loads again ten seconds before the expiry', async () => {
  const clock = new ManualClock();
  const { load, loads } = source([
    bearerCredential('a', clock.now() + 60_000),
    bearerCredential('b', clock.now() + 120_000),
  ]);
  const credentials = refreshingCredentials({ clock, load });
  const first = await credentials.current();
  await clock.advance(49_999);
  assert.equal(await credentials.current(), first);
  await clock.advance(1);
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer b');
  assert.equal(loads(), 2);
});

test('refreshingCredentials() loads again after a 401, once for all who were refused', async () => {
  const { load, loads } = source([bearerCredential('a'), bearerCredential('b')]);
  const credentials = refreshingCredentials({ clock: new ManualClock(), load });
  const refused = await credentials.current();
  credentials.invalidate(refused);
  const [next] = await Promise.all([credentials.current(), credentials.current()]);
  credentials.invalidate(refused);
  assert.equal(await credentials.current(), next);
  assert.equal(loads(), 2);
});

test('refreshingCredentials() answers the same object when a load brings nothing new', async () => {
  const clientCertificate = { certificate: 'c', key: bearerCredential('k').authorization };
  assert.ok(clientCertificate.key);
  const certificate = { certificate: 'c', key: clientCertificate.key };
  const { load } = source([
    { ...bearerCredential('a'), clientCertificate: certificate },
    { ...bearerCredential('a'), clientCertificate: { ...certificate } },
    { ...bearerCredential('b'), clientCertificate: { ...certificate } },
  ]);
  const credentials = refreshingCredentials({ clock: new ManualClock(), load });
  const first = await credentials.current();
  credentials.invalidate(first);
  assert.equal(await credentials.current(), first);
  credentials.invalidate(first);
  const third = await credentials.current();
  assert.notEqual(third, first);
  assert.equal(third.clientCertificate, first.clientCertificate);
});

test('refreshingCredentials() throws what the load throws, and tries again next time', async () => {
  const { load } = source([new Error('broken'), bearerCredential('a')]);
  const credentials = refreshingCredentials({ clock: new ManualClock(), load });
  await assert.rejects(credentials.current(), /broken/);
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer a');
});

test('refreshingCredentials() does not believe an expired credential to be fresh', async () => {
  const clock = new ManualClock();
  const { load, loads } = source([bearerCredential('a', clock.now() - 1)]);
  const credentials = refreshingCredentials({ clock, load });
  await credentials.current();
  await credentials.current();
  assert.equal(loads(), 2);
});

test('refreshingCredentials() keeps its head when the wall clock jumps', async () => {
  const clock = new ManualClock();
  const { load, loads } = source([bearerCredential('a')]);
  const credentials = refreshingCredentials({ clock, load, ageMsMax: 50_000 });
  await credentials.current();
  clock.jump(10 * 365 * 86_400_000);
  await credentials.current();
  assert.equal(loads(), 1);
});
