import { Agent, type ClientRequest, type RequestOptions, request as askHttp } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, messageOf } from '@fairway/host';
import {
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  hostPort,
} from '@fairway/protocol';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import type { Backend } from '../service-backends.ts';
import { BackendError } from './backend-error.ts';
import { Exchange } from './exchange.ts';

/** How long backends may take, and what is kept of them. */
export interface BackendLimits {
  readonly connectTimeoutMs: number;
  /** Without a byte: until an answer begins, within it, and within a request. */
  readonly stallTimeoutMs: number;
  /** Of a connection that is kept. Most servers keep them for five seconds and more. */
  readonly idleTimeoutMs: number;
  /** Kept to each backend. */
  readonly idleConnectionsMax: number;
}

export const defaultBackendLimits: BackendLimits = {
  connectTimeoutMs: 5_000,
  stallTimeoutMs: 60_000,
  idleTimeoutMs: 4_000,
  idleConnectionsMax: 64,
};

/** Connections to the programs of services, over HTTP/1.1, kept for the next request. */
export class BackendConnections implements Disposable {
  readonly #clock: Clock;
  readonly #limits: BackendLimits;
  readonly #agent: Agent;

  constructor({
    clock,
    limits = {},
  }: {
    readonly clock: Clock;
    readonly limits?: Partial<BackendLimits>;
  }) {
    this.#clock = clock;
    this.#limits = { ...defaultBackendLimits, ...limits };
    this.#agent = keepingAgent(this.#limits);
  }

  /**
   * Sends a request, and answers when its answer begins. What a backend closes just as it is used again may be
   * asked twice where it only asks.
   *
   * Errors: `BackendError`, the reason of the request's signal.
   */
  async send(to: Backend, request: HttpRequest): Promise<HttpResponse> {
    for (let spare = this.#limits.idleConnectionsMax; ; spare--) {
      const exchange = this.#begin(to, request, this.#agent);
      try {
        return await exchange.answer;
      } catch (failure) {
        if (!exchange.isStale || !mayRepeat(request) || spare === 0) throw failure;
      }
    }
  }

  /** Asks for another protocol, on a connection of its own. Errors: as `send`. */
  async upgrade(to: Backend, request: HttpRequest): Promise<UpgradeAnswer> {
    const headers = { ...request.headers, connection: 'Upgrade' };
    const exchange = this.#begin(to, { ...request, headers, body: undefined }, undefined);
    const stream = new Promise<UpgradeAnswer>((resolve) => {
      exchange.outgoing.once('upgrade', (incoming, socket, head) => {
        exchange.end();
        const { headers: agreed } = incoming;
        const known = Object.entries(agreed).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const],
        );
        resolve({
          kind: 'accepted',
          headers: Object.fromEntries(known),
          stream: byteStreamOf(socket, head),
        });
      });
    });
    const refused = exchange.answer.then((response): UpgradeAnswer => ({
      kind: 'refused',
      response,
    }));
    return Promise.race([stream, refused]);
  }

  /** Cuts what is left. */
  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #begin({ address, port }: Backend, request: HttpRequest, agent: Agent | undefined): Exchange {
    request.signal.throwIfAborted();
    const { method, path, query } = request;
    const options: RequestOptions = {
      agent: agent ?? false,
      host: address,
      port,
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers: framedHeaders(request),
      setHost: false,
    };
    const outgoing = send(options, hostPort(address, port));
    return new Exchange(outgoing, { request, clock: this.#clock, ...this.#limits });
  }
}

function send(options: RequestOptions, where: string): ClientRequest {
  try {
    return askHttp(options);
  } catch (cause) {
    // Of a request that HTTP/1.1 cannot carry, though HTTP/2 could.
    const why = messageOf(cause);
    throw new BackendError('broken', `${where} cannot be sent this request: ${why}`, { cause });
  }
}

/** Headers with what tells where the body ends. */
function framedHeaders({ headers, body, method }: HttpRequest): RequestOptions['headers'] {
  const framed = { ...headers } as Record<string, string | string[]>;
  if (body === undefined) {
    delete framed['content-length'];
    if (method !== 'GET' && method !== 'HEAD') framed['content-length'] = '0';
  } else if (framed['content-length'] === undefined) {
    // Node.js frames no body of a DELETE by itself, and a server would take it for the next request.
    framed['transfer-encoding'] = 'chunked';
  }
  return framed;
}

/** Source: RFC 9110 §9.2.2. */
function mayRepeat({ method, body }: HttpRequest): boolean {
  return body === undefined && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
}

/**
 * Keeps connections, but for those on which a backend says something that nobody has asked for: it would be
 * taken for the answer to the next request, which is somebody else's. Not every Node.js sees to that itself.
 */
function keepingAgent({ idleTimeoutMs, idleConnectionsMax }: BackendLimits): Agent {
  const agent = new Agent({
    keepAlive: true,
    maxFreeSockets: idleConnectionsMax,
    scheduling: 'lifo',
    timeout: idleTimeoutMs,
  });
  const cut = function (this: Socket): void {
    this.destroy();
  };
  const { keepSocketAlive, reuseSocket } = agent as AgentHooks;
  Object.assign(agent, {
    keepSocketAlive(socket: Socket) {
      socket.on('data', cut);
      return keepSocketAlive.call(agent, socket);
    },
    reuseSocket(socket: Socket, outgoing: ClientRequest) {
      socket.off('data', cut);
      reuseSocket.call(agent, socket, outgoing);
    },
  } satisfies AgentHooks);
  return agent;
}

/** What of an agent is documented, and missing from its types. */
type AgentHooks = {
  keepSocketAlive(socket: Socket): unknown;
  reuseSocket(socket: Socket, outgoing: ClientRequest): void;
};
