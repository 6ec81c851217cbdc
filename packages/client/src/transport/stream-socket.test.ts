import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { collectBody } from '@fairway/protocol';
import { explicitTarget } from '../explicit-target.ts';
import { buildRequest } from '../resource/build-request.ts';
import { buildTransport } from './build-transport.ts';

const never = (): Error => new Error('too long');

test('a stream that has ended while nobody used it carries no other request', async () => {
  const farEnds: Duplex[] = [];
  await using transport = buildTransport(
    explicitTarget(systemClock, { server: 'http://web.test' }),
    {
      clock: systemClock,
      random: systemRandom,
      isHttp2Wanted: false,
      openStream: async () => {
        const [near, far] = duplexPair();
        const answer = `stream ${farEnds.push(far)}`;
        far.on('data', () =>
          far.write(`HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`),
        );
        return near;
      },
    },
  );
  const ask = async (): Promise<string> => {
    const { body } = await transport.send(buildRequest({ method: 'POST', path: '/' }));
    return Buffer.from(await collectBody(body, { bytesMax: 100, tooLong: never })).toString();
  };
  assert.equal(await ask(), 'stream 1');
  assert.equal(await ask(), 'stream 1');
  farEnds[0]?.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await ask(), 'stream 2');
});
