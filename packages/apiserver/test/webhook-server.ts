import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, type Server, createServer, request as sendRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Dial, WebhookEndpoint } from '@fairway/apiserver';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { type HttpRequest, type HttpResponse, collectBody } from '@fairway/protocol';

const { tls, authority } = await makeTestCertificates();

/** A request as a webhook got it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Review;
}

export interface Review {
  readonly kind: string;
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    // oxlint-disable-next-line typescript/no-explicit-any -- a webhook looks at whatever it gets
    readonly [field: string]: any;
  };
}

/** Answers a review in its own way. */
export type Answering = (received: Received, response: ServerResponse) => void;

/** A webhook on a socket of this machine. What it is asked is kept in order. */
export class WebhookServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #answering: (path: string) => Answering | undefined;
  #received: Received[] = [];
  #arrived = Promise.withResolvers<Received>();

  constructor(answering: (path: string) => Answering | undefined) {
    this.#answering = answering;
    this.#server = createServer({ cert: tls.certificate, key: tls.key.reveal() });
    this.#server.on('request', (message, response) => void this.#serve(message, response));
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** As a configuration has it. */
  readonly caBundle = Buffer.from(authority.certificate).toString('base64');

  /** What has come since this was asked last. */
  takeReceived(): readonly Received[] {
    const received = this.#received;
    this.#received = [];
    return received;
  }

  /** The next request that comes from now on. */
  async arrival(): Promise<Received> {
    return this.#arrived.promise;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = message;
    const text = Buffer.from(await collectBody(message)).toString();
    const { 'content-type': type, accept, 'user-agent': agent } = headers;
    const received = {
      method,
      url,
      headers: { 'content-type': type, accept, 'user-agent': agent },
      body: JSON.parse(text) as Review,
    };
    this.#received.push(received);
    this.#arrived.resolve(received);
    this.#arrived = Promise.withResolvers();
    const answering = this.#answering(url.split('?')[0] ?? '');
    if (answering === undefined) response.writeHead(404).end('404 page not found\n');
    else answering(received, response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Answers with a review of the same version. */
export function review(response: (received: Received) => object, envelope: object = {}): Answering {
  return (received, answer) => {
    const { kind, apiVersion, request } = received.body;
    const said = { uid: request.uid, ...response(received) };
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ kind, apiVersion, response: said, ...envelope }));
  };
}

export function jsonPatch(...operations: readonly object[]): object {
  return { allowed: true, patchType: 'JSONPatch', patch: base64(JSON.stringify(operations)) };
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A way to webhooks over sockets, whose connections are kept. To be disposed of. */
export class WebhookRoad implements Disposable {
  readonly #agent = new Agent({ keepAlive: true });
  readonly webhook: NonNullable<Dial['webhook']> = (endpoint) => (request) =>
    this.#send(endpoint, request);

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #send(endpoint: WebhookEndpoint, request: HttpRequest): Promise<HttpResponse> {
    const { host, port, certificateAuthority: ca } = endpoint;
    const { method, path, query, headers, body, signal } = request;
    const sent = sendRequest({
      agent: this.#agent,
      host,
      port,
      ca,
      method,
      path: `${path}?${query}`,
      headers: headers as Readonly<Record<string, string>>,
      signal,
    });
    sent.end(body as Uint8Array);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers as HttpResponse['headers'],
      body: answer,
    };
  }
}
