import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@fairway/protocol';
import { type HealthCheck, answerHealth } from './health.ts';

const well = async (): Promise<undefined> => undefined;
const checks: HealthCheck[] = [
  { name: 'ping', check: well },
  { name: 'poststarthook/rbac', check: async () => 'not there yet' },
  {
    name: 'store',
    check: async () => {
      throw new Error('disk is gone');
    },
  },
];

async function ask(target: string, list: readonly HealthCheck[] = checks) {
  const [path = '', query = ''] = target.split('?');
  const { signal } = new AbortController();
  const request = { method: 'GET', path, query, headers: {}, body: undefined, signal };
  const { status, body } = await answerHealth({ name: 'readyz', checks: () => list })(request);
  return [status, body instanceof Uint8Array ? Buffer.from(body).toString() : ''];
}

test('answerHealth() says ok in one word, or one line per check', async () => {
  assert.deepEqual(await ask('/readyz', checks.slice(0, 1)), [200, 'ok']);
  const verbose = '[+]ping ok\nreadyz check passed\n';
  assert.deepEqual(await ask('/readyz?verbose', checks.slice(0, 1)), [200, verbose]);
});

test('answerHealth() lists what failed and withholds why', async () => {
  const text =
    '[+]ping ok\n[-]poststarthook/rbac failed: reason withheld\n' +
    '[-]store failed: reason withheld\nreadyz check failed\n';
  assert.deepEqual(await ask('/readyz'), [500, text]);
});

test('answerHealth() says why a check failed whose reason is for all', async () => {
  const check = { name: 'storage', check: async () => 'the disk is full', isToldToAll: true };
  const text = '[-]storage failed: the disk is full\nreadyz check failed\n';
  assert.deepEqual(await ask('/readyz', [check]), [500, text]);
});

test('answerHealth() leaves out what is excluded and warns of unknown names', async () => {
  const target = '/readyz?verbose=true&exclude=store&exclude=poststarthook%2Frbac&exclude=nope';
  const text =
    '[+]ping ok\n[+]poststarthook/rbac excluded: ok\n[+]store excluded: ok\n' +
    'warn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n';
  assert.deepEqual(await ask(target), [200, text]);
});

test('answerHealth() answers for one check', async () => {
  assert.deepEqual(await ask('/readyz/ping'), [200, 'ok']);
  const [status, text] = await ask('/readyz/poststarthook/rbac');
  assert.deepEqual([status, text], [500, 'internal server error: not there yet\n']);
  await assert.rejects(ask('/readyz/nope'), (error) => {
    return error instanceof ApiError && error.code === 404;
  });
});
