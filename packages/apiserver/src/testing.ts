import assert from 'node:assert/strict';
import { loadServiceAccountKeys } from '@fairway/access';
import { type Clock, type LogFields, type Logger, silentLogger } from '@fairway/host';
import { ManualClock, MemoryFiles, seededRandom, settle } from '@fairway/host/testing';
import {
  type Handler,
  type HttpResponse,
  type KubernetesObject,
  type ObjectMeta,
  type UserInfo,
  collectBody,
  headerOf,
  stringifyJson,
} from '@fairway/protocol';
import { type Store, type StoreOptions, createMemoryStore } from '@fairway/store';
import type { ApiServerOptions } from './api-server-options.ts';
import { type ApiServer, createApiServer } from './create-api-server.ts';
import { stampResourceVersion } from './storage/object-bytes.ts';

/** An API server in memory whose time stands still, and short ways to ask it. */
export interface TestServer extends AsyncDisposable {
  readonly api: ApiServer;
  readonly clock: ManualClock;
  readonly store: Store;
  /** Asks as the cluster's administrator, unless told who. */
  request(method: string, path: string, options?: AskOptions): Promise<Answer>;
  /** Asks, and insists on the code. */
  expect(code: number, method: string, path: string, options?: AskOptions): Promise<Answer>;
  watch(path: string, options?: AskOptions): Promise<WatchReader>;
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects go as JSON. */
  readonly body?: unknown;
  readonly handler?: Handler;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as the JSON that it is. */
  readonly json: AnyObject;
}

/** An object or a Status, as loosely as tests look at them. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta & { continue?: string; remainingItemCount?: number };
  readonly message: string;
  readonly reason: string;
  readonly items: readonly KubernetesObject[];
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into any kind
  readonly [field: string]: any;
}

export const admin: UserInfo = {
  username: 'admin',
  groups: ['system:masters', 'system:authenticated'],
};

/** What an API server may be told, but for what makes it one of a test. */
export interface TestServerOptions extends Partial<
  Omit<ApiServerOptions, 'authorityCertificate' | 'clock' | 'logger' | 'platform' | 'store'>
> {
  readonly clock?: ManualClock;
  readonly store?: StoreOptions;
  /** Instead of a store in memory. */
  readonly openStore?: (options: StoreOptions & { readonly clock: Clock }) => Promise<Store>;
}

export async function startTestServer({
  clock = new ManualClock(),
  store: storeOptions,
  openStore = async (shared) => createMemoryStore(shared),
  ...options
}: TestServerOptions = {}): Promise<TestServer> {
  const store = await openStore({ stamp: stampResourceVersion, clock, ...storeOptions });
  const failures: LogFields[] = [];
  const keys = await loadServiceAccountKeys(new MemoryFiles(), '/sa.key');
  const api = await createApiServer({
    random: seededRandom(7),
    serviceAccountTokens: { keys: () => keys },
    advertised: { host: '192.0.2.2', port: 27443 },
    serviceClusterIpRange: '10.0.0.0/24',
    ...options,
    store,
    clock,
    logger: failureLogger(failures),
    authorityCertificate: 'the certificate of the authority',
    platform: 'linux/amd64',
  });
  const asAdmin = api.handlerFor(admin);
  const request: TestServer['request'] = async (method, path, asked = {}) =>
    readAnswer(await send(asked.handler ?? asAdmin, { method, path }, asked));
  return {
    api,
    clock,
    store,
    request,
    async expect(code, method, path, asked) {
      const answer = await request(method, path, asked);
      assert.equal(answer.status, code, `${method} ${path}: ${answer.text.slice(0, 2000)}`);
      return answer;
    },
    async watch(path, asked = {}) {
      const caller = new AbortController();
      const response = await send(
        asked.handler ?? asAdmin,
        { method: 'GET', path },
        {
          signal: caller.signal,
          ...asked,
        },
      );
      return new WatchReader(response, caller);
    },
    async [Symbol.asyncDispose]() {
      await api.close();
      await store.close();
      // Requests that the end cuts off are answered first.
      await settle();
      assert.equal(clock.pending, 0, 'timers wait for a server that is closed');
      assert.deepEqual(failures, [], 'the server logged failures of its own');
    },
  };
}

function send(
  handler: Handler,
  { method, path }: { readonly method: string; readonly path: string },
  asked: AskOptions,
): Promise<HttpResponse> {
  const [pathOnly = '', query = ''] = path.split(/\?(.*)/s);
  const body = bodyOf(asked.body);
  return handler({
    method,
    path: pathOnly,
    query,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      'user-agent': 'test',
      ...asked.headers,
    },
    body,
    signal: asked.signal ?? new AbortController().signal,
  });
}

function bodyOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : (stringifyJson(body) ?? ''));
}

async function readAnswer(response: HttpResponse): Promise<Answer> {
  const bytes = Buffer.from(await collectBody(response.body));
  const text = bytes.toString();
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    text,
    get json() {
      return JSON.parse(text) as AnyObject;
    },
  };
}

/** The frames of one watch, read one by one. */
export class WatchReader implements AsyncDisposable {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #caller: AbortController;
  #rest = '';

  constructor(response: HttpResponse, caller: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#caller = caller;
    const { body } = response;
    assert.ok(body !== undefined && !(body instanceof Uint8Array), 'not a stream');
    this.#chunks = body[Symbol.asyncIterator]();
  }

  get contentType(): string | undefined {
    return headerOf(this.headers, 'content-type');
  }

  /** The next bytes as they come; undefined at the end. */
  async nextChunk(): Promise<Uint8Array | undefined> {
    const result = await this.#chunks.next();
    return result.done === true ? undefined : result.value;
  }

  /** The next event; undefined when the watch has ended. */
  async next(): Promise<{ type: string; object: AnyObject } | undefined> {
    while (!this.#rest.includes('\n')) {
      const chunk = await this.nextChunk();
      if (chunk === undefined) return undefined;
      this.#rest += Buffer.from(chunk).toString();
    }
    const end = this.#rest.indexOf('\n');
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line) as { type: string; object: AnyObject };
  }

  /** `ADDED a` for each of the next `count` events. */
  async take(count: number): Promise<string[]> {
    const seen: string[] = [];
    for (let at = 0; at < count; at++) {
      const event = await this.next();
      seen.push(event === undefined ? 'END' : `${event.type} ${event.object.metadata.name ?? ''}`);
    }
    return seen;
  }

  /** Goes away, as a caller does who has seen enough. */
  async leave(): Promise<void> {
    this.#caller.abort();
    await this.#chunks.return?.();
    await settle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }
}

function failureLogger(failures: LogFields[]): Logger {
  const logger: Logger = {
    ...silentLogger,
    error: (message, fields) => void failures.push({ message, ...fields }),
  };
  return logger;
}
