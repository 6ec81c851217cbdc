import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogFields, silentLogger } from '@fairway/host';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import { callersOf } from './caller-tokens.ts';

const path = '/tokens';
const { signal } = new AbortController();

async function open(text: string) {
  const [files, clock] = [new MemoryFiles(), new ManualClock()];
  const errors: (LogFields | undefined)[] = [];
  const write = (now: string): Promise<void> => files.write(path, Buffer.from(now));
  await write(text);
  const logger = { ...silentLogger, error: (_: string, fields?: LogFields) => errors.push(fields) };
  const callers = await callersOf({ files, clock }, logger, path);
  const who = async (headers: Readonly<Record<string, string>>): Promise<string> => {
    const request = { method: 'GET', path: '/', query: '', headers, body: undefined, signal };
    const outcome = await callers(request);
    return outcome.kind === 'authenticated' ? outcome.user.username : outcome.kind;
  };
  const bearer = (token: string): Promise<string> => who({ authorization: `Bearer ${token}` });
  return { files, clock, errors, write, who, bearer };
}

test('callersOf() knows callers by their tokens, by header or WebSocket, and names them', async () => {
  const { who, bearer } = await open('one,ann\ntwo\n');
  assert.deepEqual(
    [await bearer('one'), await bearer('two'), await bearer('on'), await bearer('ann')],
    ['ann', 'line 2', 'rejected', 'rejected'],
  );
  assert.equal(await who({}), 'unrecognised');
  assert.equal(await who({ authorization: 'Basic b25l' }), 'unrecognised');
  const protocols = `base64url.bearer.authorization.k8s.io.${Buffer.from('one').toString('base64url')}, v5.channel.k8s.io`;
  assert.equal(await who({ upgrade: 'websocket', 'sec-websocket-protocol': protocols }), 'ann');
});

test('callersOf() sees what has changed a second later, and keeps to what it knows when that is wrong', async () => {
  const { clock, errors, write, bearer, files } = await open('one,ann\n');
  await write('two,bob\n');
  assert.equal(await bearer('one'), 'ann');
  await clock.advance(1_000);
  assert.deepEqual([await bearer('one'), await bearer('two')], ['rejected', 'bob']);
  for (const bad of ['', '# nothing\n,x\n', 'a"b\n']) {
    await write(bad);
    await clock.advance(1_000);
    assert.equal(await bearer('two'), 'bob', bad);
  }
  await files.remove(path);
  await clock.advance(1_000);
  assert.equal(await bearer('two'), 'bob');
  assert.equal(errors.length, 4);
  await clock.advance(1_000);
  await bearer('two');
  assert.equal(errors.length, 4);
  assert.doesNotMatch(JSON.stringify(errors), /a"b|nothing/);
});

test('callersOf() says what is wrong with a file, and nothing of what is in it', async () => {
  await assert.rejects(
    open(''),
    /cannot use --token-file \/tokens: it has no token; write a line as/,
  );
  await assert.rejects(open('secret"x\n'), (error: Error) => {
    assert.match(error.message, /line 1 has a quotation mark .*; write a line as TOKEN,NAME/);
    return !error.message.includes('secret');
  });
});
