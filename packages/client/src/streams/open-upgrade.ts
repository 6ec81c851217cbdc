import { createHash } from 'node:crypto';
import type { Clock } from '@fairway/host';
import {
  ApiError,
  type HttpHeaders,
  type HttpRequest,
  type UpgradeHandler,
  badRequest,
  headerOf,
} from '@fairway/protocol';
import type { Client } from '../client.ts';
import { type QueryValues, buildRequest } from '../resource/build-request.ts';
import type { CallOptions, NamespaceOption } from '../resource/call-options.ts';
import { requireSuccess } from '../resource/decode-response.ts';
import { pods } from '../resource/pods.ts';
import { objectPath } from '../resource/resource-path.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import { type BytePipe, upgradedStream } from './upgraded-stream.ts';
import { type SpdyConnection, speakSpdy } from './spdy-connection.ts';
import { WebSocketConnection } from './web-socket-connection.ts';

/** A connection to a pod that is asked for. */
export interface PodUpgrade extends CallOptions, NamespaceOption {
  readonly pod: string;
  readonly subresource: 'exec' | 'attach' | 'portforward';
  readonly query: QueryValues;
  readonly pingIntervalMs: number;
}

/**
 * Asks for a WebSocket connection with the one subprotocol. Answers the refusal of a server that
 * may still know the way without WebSocket.
 */
export async function openWebSocket(
  client: Client,
  upgrade: PodUpgrade,
  protocol: string,
): Promise<WebSocketConnection | ApiError> {
  const key = Buffer.from(client.random.bytes(16)).toString('base64');
  const request = upgradeRequest(client, upgrade, {
    method: 'GET',
    headers: {
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      'sec-websocket-protocol': protocol,
    },
  });
  const subject = subjectOf(upgrade);
  const opened = await open({ upgrade: client.upgrade, subject }, request);
  if (opened instanceof ApiError) return opened;
  const { pipe, headers } = opened;
  if (headerOf(headers, 'sec-websocket-accept') !== acceptOf(key)) {
    pipe.destroy();
    const message = `${subject}: the server answered a WebSocket handshake that was not ours`;
    throw new ConnectionError({ problem: 'malformed-answer', message });
  }
  if (headerOf(headers, 'sec-websocket-protocol') !== protocol) {
    pipe.destroy();
    return badRequest(`${subject}: the server does not speak ${protocol}`);
  }
  const { clock, random } = client;
  const { pingIntervalMs } = upgrade;
  return new WebSocketConnection(pipe, { clock, random, pingIntervalMs, subject });
}

/** Asks for a SPDY connection, with the first of `protocols` that the server knows. */
export async function openSpdy(
  client: Client,
  upgrade: PodUpgrade,
  protocols: readonly string[],
): Promise<OpenedSpdy | ApiError> {
  const { clock } = client;
  const { pingIntervalMs } = upgrade;
  const way = { upgrade: client.upgrade, clock, pingIntervalMs, subject: subjectOf(upgrade) };
  return upgradeToSpdy(way, upgradeRequest(client, upgrade, { method: 'POST' }), protocols);
}

/** What leads to a server of streams. `pingIntervalMs`: absent when nothing can be in between. */
export interface UpgradeWay {
  readonly upgrade: UpgradeHandler | undefined;
  readonly clock: Clock;
  readonly pingIntervalMs?: number;
  /** Names what is behind it, in messages. */
  readonly subject: string;
}

export interface OpenedSpdy {
  readonly connection: SpdyConnection;
  /** The one that the server chose. */
  readonly protocol: string;
}

/** Makes a request one for a SPDY connection, and sends it. */
export async function upgradeToSpdy(
  way: UpgradeWay,
  request: HttpRequest,
  protocols: readonly string[],
): Promise<OpenedSpdy | ApiError> {
  const wanted = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocols };
  const headers = { ...request.headers, ...wanted, connection: 'Upgrade' };
  const opened = await open(way, { ...request, headers });
  if (opened instanceof ApiError) return opened;
  const connection = speakSpdy(opened.pipe, way);
  return { connection, protocol: headerOf(opened.headers, 'x-stream-protocol-version') ?? '' };
}

/** Tells `exec in pod "web"` from others in messages. */
export function subjectOf({ subresource, pod }: PodUpgrade): string {
  return `${subresource} of pod "${pod}"`;
}

/** True when another way to ask would be refused just the same. */
export function isFinalRefusal({ code }: ApiError): boolean {
  return code === 401 || code === 404 || code === 429;
}

/** Of two refusals, the one that says more: to be forbidden, else the last one. */
export function clearerRefusal(first: ApiError, second: ApiError): ApiError {
  return first.code === 403 && second.code !== 403 ? first : second;
}

function upgradeRequest(
  client: Client,
  upgrade: PodUpgrade,
  how: { readonly method: string; readonly headers?: HttpHeaders },
): HttpRequest {
  const { pod: name, subresource, query, signal } = upgrade;
  return buildRequest({
    method: how.method,
    path: objectPath(client, { kind: pods, name, subresource }, upgrade),
    query,
    headers: { ...how.headers, connection: 'Upgrade' },
    ...(signal === undefined ? {} : { signal }),
  });
}

async function open(
  { upgrade, subject }: Pick<UpgradeWay, 'upgrade' | 'subject'>,
  request: HttpRequest,
): Promise<{ readonly pipe: BytePipe; readonly headers: HttpHeaders } | ApiError> {
  if (upgrade === undefined) {
    throw new ConnectionError({
      problem: 'unknown',
      message: `${subject}: the transport of this client cannot change protocols`,
      remedy: 'make the client with connect(), or give createClient() an "upgrade"',
    });
  }
  request.signal.throwIfAborted();
  const answer = await upgrade(request);
  if (answer.kind === 'accepted') {
    const pipe = upgradedStream(answer.stream, { signal: request.signal, subject });
    return { pipe, headers: answer.headers };
  }
  try {
    await requireSuccess(request, answer.response);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  const { body, status } = answer.response;
  if (body !== undefined && !(body instanceof Uint8Array)) {
    await body[Symbol.asyncIterator]().return?.();
  }
  return badRequest(`${subject}: the server answered ${status} and did not change protocols`);
}

// Source: RFC 6455 §4.2.2.
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
