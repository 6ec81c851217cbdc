import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { protobufTable } from '@fairway/kinds/protobuf';
import { decodeKubernetesProtobuf } from '@fairway/protocol';
import {
  WebSocketDecoder,
  type WebSocketEvent,
  encodeCloseReason,
  encodeWebSocketFrame,
} from '@fairway/protocol/streams';
import { type UserInfo, ApiError, type UpgradeAnswer } from '@fairway/protocol';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';

const handshake = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

interface Asked {
  readonly user?: UserInfo;
  readonly headers?: Readonly<Record<string, string>>;
}

function upgrade(server: TestServer, path: string, asked: Asked = {}): Promise<UpgradeAnswer> {
  const [pathOnly = '', query = ''] = path.split('?');
  return server.api.upgradeFor(asked.user ?? admin)({
    method: 'GET',
    path: pathOnly,
    query,
    headers: { ...handshake, ...asked.headers },
    body: undefined,
    signal: new AbortController().signal,
  });
}

/** The client's side of a watch. */
class Watching {
  readonly headers;
  readonly stream;
  readonly #events: AsyncGenerator<WebSocketEvent>;

  constructor(answer: UpgradeAnswer) {
    assert.ok(answer.kind === 'accepted', JSON.stringify(answer));
    this.headers = answer.headers;
    this.stream = answer.stream;
    this.#events = eventsOf(answer.stream.incoming);
  }

  async next(): Promise<WebSocketEvent> {
    const { value } = await this.#events.next();
    assert.ok(value !== undefined, 'the stream has ended');
    return value as WebSocketEvent;
  }

  /** The next event, which comes as one message of text. */
  async nextEvent(): Promise<{ type: string; object: { metadata: { name: string } } }> {
    const event = await this.next();
    assert.equal(event.kind, 'text');
    const text = Buffer.from(event.payload).toString();
    assert.equal(text.indexOf('\n'), text.length - 1);
    return JSON.parse(text);
  }

  async leave(): Promise<void> {
    const payload = encodeCloseReason(1000);
    const frame = { kind: 'close', payload, mask: Buffer.from([1, 2, 3, 4]) } as const;
    await this.stream.write(encodeWebSocketFrame(frame));
    await this.stream.end();
  }
}

async function* eventsOf(incoming: AsyncIterable<Uint8Array>): AsyncGenerator<WebSocketEvent> {
  const decoder = new WebSocketDecoder({ isMasked: false, messageBytesMax: 1024 * 1024 });
  for await (const chunk of incoming) yield* decoder.push(chunk);
}

async function create(server: TestServer, ...names: string[]): Promise<void> {
  for (const name of names) {
    await server.expect(201, 'POST', configMaps, { body: { metadata: { name } } });
  }
}

suite('a watch over a WebSocket', () => {
  test('sends each event as a message of text, several of one batch too', async () => {
    await using server = await startTestServer();
    await create(server, 'a', 'b');
    const watching = new Watching(await upgrade(server, `${configMaps}?watch=1`));
    assert.equal(watching.headers['upgrade'], 'websocket');
    assert.equal(watching.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    for (const name of ['a', 'b']) {
      const { type, object } = await watching.nextEvent();
      assert.deepEqual([type, object.metadata.name], ['ADDED', name]);
    }
    await Promise.all([create(server, 'c'), create(server, 'd')]);
    const seen = [await watching.nextEvent(), await watching.nextEvent()];
    assert.deepEqual(seen.map(({ object }) => object.metadata.name).sort(), ['c', 'd']);
    await watching.leave();
    assert.equal((await watching.next()).kind, 'close');
  });

  test('sends binary messages in protobuf, without the length before each', async () => {
    await using server = await startTestServer();
    await create(server, 'a', 'b');
    const headers = { accept: 'application/vnd.kubernetes.protobuf' };
    const watching = new Watching(await upgrade(server, `${configMaps}?watch=1`, { headers }));
    const event = await watching.next();
    assert.ok(event.kind === 'binary');
    const { payload } = event;
    // WatchEvent: type = 1, object = 2, which holds the envelope of an object.
    assert.deepEqual([...payload.subarray(0, 7)], [0x0a, 5, ...Buffer.from('ADDED')]);
    const envelope = payload.subarray(payload.indexOf(Buffer.from('k8s\0')[0] ?? 0, 8));
    const { object } = decodeKubernetesProtobuf(envelope, protobufTable());
    assert.equal((object as { metadata: { name: string } }).metadata.name, 'a');
    await watching.leave();
  });

  test('ends with a goodbye at its timeout, also below the old path', async () => {
    await using server = await startTestServer();
    const path = `${configMaps.replace('/v1/', '/v1/watch/')}?timeoutSeconds=5`;
    const watching = new Watching(await upgrade(server, path));
    const end = watching.next();
    await server.clock.advance(5_000);
    assert.equal((await end).kind, 'close');
    // Nobody has to wait for one who does not answer.
    await server.clock.advance(10_000);
    await watching.stream.closed;
  });

  test('ends with its caller, also with one that is cut off', async () => {
    await using server = await startTestServer();
    const leaving = new Watching(await upgrade(server, `${configMaps}?watch=1`));
    await leaving.leave();
    assert.equal((await leaving.next()).kind, 'close');
    const cut = new Watching(await upgrade(server, `${configMaps}?watch=1`));
    cut.stream.destroy();
    await cut.stream.closed;
    // The server's end finds no timer of theirs.
  });

  test('gives the one protocol that is offered, and refuses what it cannot answer', async () => {
    await using server = await startTestServer();
    const path = `${configMaps}?watch=1`;
    const one = await upgrade(server, path, { headers: { 'sec-websocket-protocol': 'v1.any' } });
    const watching = new Watching(one);
    assert.equal(watching.headers['sec-websocket-protocol'], 'v1.any');
    await watching.leave();
    const refused: [Asked, string, number][] = [
      [{ headers: { 'sec-websocket-protocol': 'a, b' } }, path, 400],
      [{ headers: { 'sec-websocket-version': '8' } }, path, 400],
      [{ headers: { accept: 'text/plain' } }, path, 406],
      [{}, `${configMaps}?watch=1&fieldSelector=x`, 400],
      [{}, '/api/v1/nothings?watch=1', 404],
      [{ user: { username: 'bob', groups: [] } }, path, 403],
    ];
    for (const [asked, at, code] of refused) {
      assert.equal(await codeOf(upgrade(server, at, asked)), code, `${at} ${code}`);
    }
    // What is no watch is answered as if no other protocol had been offered.
    assert.equal(await codeOf(upgrade(server, configMaps)), 200);
  });
});

async function codeOf(promised: Promise<UpgradeAnswer>): Promise<number> {
  try {
    const answer = await promised;
    assert.ok(answer.kind === 'refused');
    return answer.response.status;
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error.code;
  }
}
