import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { clusterIn } from './cluster-in.ts';
import { commandLine, scratchFolder } from './command-line.ts';
import { HeldClock } from './held-clock.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json' };

/** A time that nothing else in a cluster waits. */
const delayMs = (59 * 60 + 17) * 1_000;

test('a server that is told to end says so, and goes on for the time that a flag names', async () => {
  await using folder = await scratchFolder();
  const { host } = commandLine(folder.path);
  const clock = new HeldClock(host.clock, delayMs);
  const line = commandLine(folder.path, {}, { host: { ...host, clock } });
  const flags = '--memory --listen 127.0.0.1:0 --shutdown-delay-duration 59m17s';
  await using up = line.start('up', '--node', 'none', ...flags.split(' '));
  await up.until('Stop it with');
  const { ask, url, ...access } = await clusterIn(folder.path);
  const open = (path: string, options: object = {}): ClientRequest =>
    httpsRequest(`${url}${path}`, { ...access, ...options });
  const make = (name: string) =>
    ask(configMaps, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ metadata: { name } }),
    });
  assert.equal((await ask('/readyz')).status, 200);
  const [watch] = (await once(open(`${configMaps}?watch=true`).end(), 'response')) as [
    IncomingMessage,
  ];
  let told = '';
  watch.setEncoding('utf8').on('data', (chunk: string) => (told += chunk));
  const untilTold = async (name: string): Promise<void> => {
    while (!told.includes(`"name":"${name}"`)) await once(watch, 'data');
  };

  up.interrupt();
  await Promise.race([clock.held, up.ended.then(() => assert.fail('it did not wait'))]);
  const ready = await ask('/readyz');
  assert.equal(ready.status, 500);
  assert.match(ready.text, /\[-\]shutdown failed/);
  assert.equal((await ask('/livez')).status, 200);
  assert.equal((await ask(configMaps)).status, 200);
  assert.equal((await make('late')).status, 201);
  await untilTold('late');
  assert.equal(watch.readableEnded, false);

  const body = JSON.stringify({ metadata: { name: 'running' } });
  const running = open(configMaps, {
    method: 'POST',
    headers: { ...json, 'content-length': body.length, expect: '100-continue' },
  });
  running.flushHeaders();
  // The server has it, and waits for its body.
  await once(running, 'continue');
  clock.release();
  if (!watch.readableEnded) await once(watch, 'end');
  assert.ok(watch.complete, 'the watch was cut');
  running.end(body);
  const [answer] = (await once(running, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 201, await textOf(answer));
  assert.equal((await up.ended).exitCode, 0);
});
