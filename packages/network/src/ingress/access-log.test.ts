import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger as logger } from '@fairway/host';
import { ManualClock } from '@fairway/host/testing';
import { type Access, openAccessLog } from './access-log.ts';

const access: Access = {
  request: {
    method: 'GET',
    path: '/list',
    query: 'token=secret',
    headers: { host: 'shop.example', authorization: 'secret' },
    body: undefined,
    peer: { address: '192.0.2.7' },
    signal: new AbortController().signal,
  },
  status: 200,
  route: { ingress: 'shop/front', namespace: 'shop', service: 'web', port: 80 },
  why: undefined,
  tookMs: 3.4,
};

test('a request is one line of JSON, without what may be secret', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-log-'));
  const path = join(directory, 'access.log');
  {
    await using log = await openAccessLog(path, { clock: new ManualClock(), logger });
    log.note(access);
    log.note({ ...access, status: 404, route: undefined, why: 'no rule' });
  }
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      {
        time: '2026-01-01T00:00:00Z',
        client: '192.0.2.7',
        method: 'GET',
        host: 'shop.example',
        path: '/list',
        status: 200,
        tookMs: 3,
        ingress: 'shop/front',
        service: 'web',
      },
      {
        time: '2026-01-01T00:00:00Z',
        client: '192.0.2.7',
        method: 'GET',
        host: 'shop.example',
        path: '/list',
        status: 404,
        tookMs: 3,
        why: 'no rule',
      },
    ],
  );
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await rm(directory, { recursive: true });
});

test('a log goes on in a new file, keeps one before it, and holds no more than it may', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-log-'));
  const path = join(directory, 'access.log');
  const warnings: unknown[] = [];
  const warn = (_: string, fields: unknown): void => void warnings.push(fields);
  const clock = new ManualClock();
  const large = { ...access, request: { ...access.request, path: `/${'x'.repeat(1024 * 1024)}` } };
  for (let round = 0; round < 6; round++) {
    await using log = await openAccessLog(path, { clock, logger: { ...logger, warn } });
    // All in one turn: nothing is written meanwhile.
    for (let at = 0; at < 6; at++) log.note(large);
  }
  assert.deepEqual((await readdir(directory)).toSorted(), ['access.log', 'access.log.1']);
  for (const name of ['access.log', 'access.log.1']) {
    const { size } = await stat(join(directory, name));
    assert.ok(size > 1024 * 1024 && size <= 17 * 1024 * 1024, `${name} ${size}`);
  }
  assert.deepEqual(warnings[0], { leftOut: 2 });
  await rm(directory, { recursive: true });
});
