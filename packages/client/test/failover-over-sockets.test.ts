import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect } from '@fairway/client/connect';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock } from '@fairway/host/testing';
import type { ResourceDescriptor } from '@fairway/protocol';
import { pem } from './small-server.ts';

const Pod: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};

test('a client of two API servers outlives either of them, and takes both back', async () => {
  const clock = new ManualClock();
  await using one = await apiServer();
  await using two = await apiServer();
  await using client = await connect({
    host: { ...nodejsHost(), clock },
    server: [one.url, two.url],
    certificateAuthority: pem('authority.pem'),
    credentials: async () => ({ token: 't' }),
    isHttp2Wanted: false,
  });
  const askUntil = async (isEnough: () => boolean): Promise<void> => {
    for (let turn = 0; !isEnough(); turn++) {
      assert.ok(turn < 200, 'the other address is never asked');
      assert.equal((await client.get(Pod, 'a')).kind, 'Pod');
    }
  };
  await askUntil(() => one.answered() > 0 && two.answered() > 0);

  for (const away of [one, two]) {
    await away.stop();
    // The first call may find a cut connection, the others nobody; no caller hears of either.
    for (let turn = 0; turn < 20; turn++) assert.equal((await client.get(Pod, 'a')).kind, 'Pod');

    await away.start();
    const before = away.answered();
    // Real sockets answer the probes, in their own time.
    for (let turn = 0; turn < 100 && away.probed() === 0; turn++) {
      await clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.ok(away.probed() > 0, 'it is looked after');
    await askUntil(() => away.answered() > before);
  }
});

/** Answers pods by HTTP/1.1 over TLS, and comes back on the port that it had. */
async function apiServer(): Promise<
  AsyncDisposable & {
    readonly url: string;
    answered(): number;
    /** Looks at its health since it was started last. */
    probed(): number;
    stop(): Promise<void>;
    start(): Promise<void>;
  }
> {
  let answered = 0;
  let probed = 0;
  const server = createServer(
    { key: pem('server.key'), cert: pem('server.pem') },
    (request, response) => {
      if (request.url === '/readyz') probed += 1;
      else answered += 1;
      response.end('{"kind":"Pod"}');
    },
  );
  const start = (port = 0): Promise<void> => {
    probed = 0;
    return new Promise((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start();
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    answered: () => answered,
    probed: () => probed,
    stop,
    start: () => start(port),
    [Symbol.asyncDispose]: stop,
  };
}
