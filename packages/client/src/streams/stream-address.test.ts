import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@fairway/host/nodejs';
import type { UpgradeHandler } from '@fairway/protocol';
import { zlibHeaderCompression } from '@fairway/protocol/nodejs';
import { SpdySession, type SpdyStream, acceptUpgrade } from '@fairway/protocol/streams';
import { type StreamAddress, openProcess } from './stream-address.ts';

const streams = { stdin: false, stdout: true, stderr: true, tty: false };

test('openProcess() reads what a server says that cancels its streams in place of ending them', async () => {
  const status = '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[';
  const cause = '{"reason":"ExitCode","message":"7"}]}}';
  const process = await openProcess(
    addressOf(async (opened) => {
      await opened.get('stdout')?.write(Buffer.from('hello'));
      await opened.get('error')?.write(Buffer.from(status + cause));
      for (const stream of opened.values()) await stream.reset();
    }),
    streams,
  );
  assert.equal(await process.stdout.text(), 'hello');
  assert.equal(await process.stderr.text(), '');
  assert.deepEqual(await process.exited, { code: 7 });
});

test('openProcess() says that the streams were cut before anybody knew the exit code', async () => {
  const process = await openProcess(
    addressOf(async (opened) => {
      for (const stream of opened.values()) await stream.reset();
    }),
    streams,
  );
  await assert.rejects(process.exited, /did not say how the process ended/);
});

/** An address behind which `serve` has the three streams of a process. */
function addressOf(
  serve: (opened: ReadonlyMap<string, SpdyStream>) => Promise<void>,
): StreamAddress {
  const upgrade: UpgradeHandler = async (request) => {
    assert.equal(request.path, '/exec/token');
    return acceptUpgrade({ 'x-stream-protocol-version': 'v4.channel.k8s.io' }, async (stream) => {
      const opened = new Map<string, SpdyStream>();
      const session = new SpdySession({
        role: 'server',
        compression: zlibHeaderCompression(),
        write: (bytes) => stream.write(bytes),
        onStream: (each) => {
          opened.set(String(each.headers['streamtype']), each);
          void each.reply().then(() => (opened.size === 3 ? serve(opened) : undefined));
        },
      });
      for await (const bytes of stream.incoming) await session.receive(bytes);
    });
  };
  return {
    upgrade,
    path: '/exec/token',
    query: '',
    clock: systemClock,
    signal: new AbortController().signal,
    subject: 'the process',
  };
}
