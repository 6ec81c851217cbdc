import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@fairway/host/nodejs';
import type { UpgradeHandler } from '@fairway/protocol';
import { zlibHeaderCompression } from '@fairway/protocol/nodejs';
import { SpdySession, type SpdyStream, acceptUpgrade } from '@fairway/protocol/streams';
import { type StreamAddress, openPorts, openProcess } from './stream-address.ts';

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

test('openPorts() reads why a connection failed, also when the reason comes after its end', async () => {
  const ports = await openPorts(
    addressOf(async (opened) => {
      await opened.get('data')?.end();
      await opened.get('error')?.write(Buffer.from('connection refused'));
      for (const stream of opened.values()) await stream.reset();
    }, 2),
  );
  const socket = await ports.connect(9);
  await assert.rejects(socket.toArray(), /port 9: connection refused/);
  await ports.close();
});

/** An address behind which `serve` has the streams of a process, or of a port. */
function addressOf(
  serve: (opened: ReadonlyMap<string, SpdyStream>) => Promise<void>,
  streamCount = 3,
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
          void each.reply().then(() => (opened.size === streamCount ? serve(opened) : undefined));
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
