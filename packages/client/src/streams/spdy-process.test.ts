import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import { zlibHeaderCompression } from '@fairway/protocol/nodejs';
import { SpdySession, type SpdyStream } from '@fairway/protocol/streams';
import { spdyProcess } from './spdy-process.ts';
import type { RemoteProcess } from './remote-process.ts';

const exitOfThree =
  '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}';

test('spdyProcess() believes the end that it was told, when the server then cuts all', async () => {
  const { process, far, cut } = await openProcess('v4.channel.k8s.io');
  await far('error').write(Buffer.from(exitOfThree));
  await far('error').reset();
  cut();
  assert.deepEqual(await process.exited, { code: 3 });
});

test('spdyProcess() tells of a connection that is cut before the whole end was told', async () => {
  const { process, far, cut } = await openProcess('v4.channel.k8s.io');
  await far('error').write(Buffer.from(exitOfThree.slice(0, 30)));
  cut();
  await assert.rejects(process.exited, /unplugged/);
  const old = await openProcess('channel.k8s.io');
  old.cut();
  await assert.rejects(old.process.exited, /unplugged/);
});

test('the input of a process waits where an output has ended, until the end is told', async () => {
  const { process, far, sentBytes } = await openProcess('v4.channel.k8s.io');
  await process.stdin.write('one');
  await far('stdout').end();
  assert.equal(await process.stdout.text(), '');
  const late = assert.rejects(process.stdin.write('two'), /the process has ended/);
  await settle();
  assert.equal(sentBytes(), 3);
  await far('error').write(Buffer.from(exitOfThree));
  await late;
  assert.equal(sentBytes(), 3);
});

test('the input of a process that has closed its output only goes on', async () => {
  const { process, far, sentBytes, clock } = await openProcess('v4.channel.k8s.io');
  await far('stdout').end();
  assert.equal(await process.stdout.text(), '');
  const sent = process.stdin.write('one');
  await settle();
  assert.equal(sentBytes(), 0);
  await clock.advance(500);
  await sent;
  await process.stdin.write('two');
  assert.equal(sentBytes(), 6);
});

/** A process at the near side; the far side is played by the test. */
async function openProcess(protocol: string): Promise<{
  process: RemoteProcess;
  clock: ManualClock;
  far: (streamtype: string) => SpdyStream;
  sentBytes: () => number;
  cut: () => void;
}> {
  const clock = new ManualClock();
  const accepted = new Map<string, SpdyStream>();
  let sentBytes = 0;
  const server: SpdySession = new SpdySession({
    role: 'server',
    write: (bytes) => session.receive(bytes),
    compression: zlibHeaderCompression(),
    onStream: (stream) => {
      accepted.set(String(stream.headers['streamtype']), stream);
      void stream.reply();
      count(stream).catch(() => {}); // Cut by a test.
    },
  });
  const count = async ({ bytes }: SpdyStream): Promise<void> => {
    for await (const chunk of bytes) sentBytes += chunk.length;
  };
  const session: SpdySession = new SpdySession({
    role: 'client',
    write: (bytes) => server.receive(bytes),
    compression: zlibHeaderCompression(),
  });
  const { promise: over, resolve } = Promise.withResolvers<unknown>();
  const close = (cause?: unknown): void => {
    session.end(cause);
    resolve(cause);
  };
  const streams = { stdin: true, stdout: true, stderr: false, tty: false };
  const process = await spdyProcess(
    { session, over, close: () => close() },
    { ...streams, protocol, clock, subject: 'a test' },
  );
  return {
    process,
    clock,
    far: (streamtype) => {
      const stream = accepted.get(streamtype);
      if (stream === undefined) throw new Error(`no stream ${streamtype} was opened`);
      return stream;
    },
    sentBytes: () => sentBytes,
    cut: () => close(new Error('unplugged')),
  };
}
