import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { suite, test } from 'node:test';
import type { WebhookEndpoint } from '@fairway/apiserver';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import { collectBody } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { WebhookConnections } from './webhook-connections.ts';

const { tls, authority, stranger } = await makeTestCertificates();

/** A webhook on a socket of this machine, which answers how many connections it has had. */
class Webhook implements AsyncDisposable {
  readonly #server: Server;
  readonly open = new Set<Socket>();
  connections = 0;
  /** Cuts the connection of the next request instead of answering. */
  cutsNext = false;

  constructor() {
    this.#server = createServer({ cert: tls.certificate, key: tls.key.reveal() });
    this.#server.keepAliveTimeout = 0;
    this.#server.on('secureConnection', (socket) => {
      this.connections += 1;
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
    });
    this.#server.on('request', (request, response) => {
      if (this.cutsNext) {
        this.cutsNext = false;
        request.socket.destroy();
      } else response.end(String(this.connections));
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  endpoint(trusted = authority, host = '127.0.0.1'): WebhookEndpoint {
    const { port } = this.#server.address() as AddressInfo;
    return { scheme: 'https', host, port, certificateAuthority: trusted.certificate };
  }

  async allClosed(): Promise<void> {
    for (const socket of this.open) if (!socket.closed) await once(socket, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const post = {
  method: 'POST',
  path: '/convert',
  query: '',
  headers: {},
  body: Buffer.from('{}'),
  signal: new AbortController().signal,
};

/** None is in a network of its own. */
const noPod = (): never => assert.fail('the port of a pod was asked for');

function connections(webhooksMax = 2): { clock: ManualClock; kept: WebhookConnections } {
  const clock = new ManualClock();
  const kept = new WebhookConnections({ clock, random: seededRandom(1) }, noPod, { webhooksMax });
  return { clock, kept };
}

async function ask(kept: WebhookConnections, endpoint: WebhookEndpoint): Promise<string> {
  const { body } = await kept.dial(endpoint)(post);
  const text = Buffer.from(await collectBody(body)).toString();
  await settle();
  return text;
}

suite('WebhookConnections', () => {
  test('keeps a connection for the next request, until nobody has asked for a while', async () => {
    await using webhook = await new Webhook().listen();
    const { clock, kept } = connections();
    await using _ = kept;
    for (let turn = 0; turn < 3; turn++) assert.equal(await ask(kept, webhook.endpoint()), '1');
    await clock.advance(89_000);
    assert.equal(await ask(kept, webhook.endpoint()), '1');
    await clock.advance(89_000);
    assert.equal(webhook.open.size, 1);
    await clock.advance(1_000);
    await webhook.allClosed();
    assert.equal(await ask(kept, webhook.endpoint()), '2');
  });

  test('does not use for one authority what was opened for another', async () => {
    await using webhook = await new Webhook().listen();
    const { kept } = connections();
    await using _ = kept;
    assert.equal(await ask(kept, webhook.endpoint()), '1');
    await assert.rejects(ask(kept, webhook.endpoint(stranger)), /certificate/);
  });

  test('keeps connections for each authority that one address is known by, and no more than it may', async () => {
    await using webhook = await new Webhook().listen();
    const { kept } = connections();
    await using _ = kept;
    const one = webhook.endpoint();
    const other = { ...one, certificateAuthority: authority.certificate + stranger.certificate };
    const third = { ...one, certificateAuthority: stranger.certificate + authority.certificate };
    const opened: number[] = [];
    for (const endpoint of [one, other, one, other, third, other, one]) {
      await ask(kept, endpoint);
      opened.push(webhook.connections);
    }
    assert.deepEqual(opened, [1, 2, 2, 2, 3, 3, 4]);
  });

  test('knows one behind a service by the name of the service, wherever it is', async () => {
    await using webhook = await new Webhook().listen();
    const { kept } = connections();
    await using _ = kept;
    const { port, ...endpoint } = webhook.endpoint();
    const backend = { scheme: 'https', host: '127.0.0.1', port } as const;
    const named = { ...endpoint, host: 'localhost', port: 443, backend };
    assert.equal(await ask(kept, named), '1');
    assert.equal(await ask(kept, named), '1');
    await assert.rejects(ask(kept, { ...named, host: 'policy.default.svc' }), /certificate/);
  });

  test('asks once more where a kept connection ends just then, and not where a new one does', async () => {
    await using webhook = await new Webhook().listen();
    const { kept } = connections();
    await using _ = kept;
    webhook.cutsNext = true;
    await assert.rejects(ask(kept, webhook.endpoint()));
    assert.equal(await ask(kept, webhook.endpoint()), String(webhook.connections));
    const before = webhook.connections;
    webhook.cutsNext = true;
    assert.equal(await ask(kept, webhook.endpoint()), String(before + 1));
  });

  test('leaves the webhook that was asked least recently for one too many', async () => {
    await using one = await new Webhook().listen();
    await using other = await new Webhook().listen();
    const { kept } = connections(1);
    await using _ = kept;
    await ask(kept, one.endpoint());
    await ask(kept, other.endpoint());
    await one.allClosed();
    assert.equal(other.open.size, 1);
  });

  test('closes what is kept when it ends, and lets a running request finish', async () => {
    await using webhook = await new Webhook().listen();
    const { kept } = connections();
    await ask(kept, webhook.endpoint());
    const { body } = await kept.dial(webhook.endpoint())(post);
    const ended = kept[Symbol.asyncDispose]();
    assert.equal(Buffer.from(await collectBody(body)).toString(), '1');
    await ended;
    await webhook.allClosed();
    assert.equal(webhook.open.size, 0);
  });
});
