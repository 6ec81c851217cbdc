import { Duplex } from 'node:stream';
import type { Clock } from '@fairway/host';
import { ApiError } from '@fairway/protocol';
import { SpdyError, type SpdyStream } from '@fairway/protocol/streams';
import type { Client } from '../client.ts';
import type { CallOptions, NamespaceOption } from '../resource/call-options.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import type { BytePipe } from './upgraded-stream.ts';
import {
  type PodUpgrade,
  clearerRefusal,
  isFinalRefusal,
  openSpdy,
  openWebSocket,
  subjectOf,
} from './open-upgrade.ts';
import { goodbyeMs, processOutput, statusBytesMax } from './remote-process.ts';
import { type SpdyConnection, speakSpdy } from './spdy-connection.ts';
import { untilCancelled } from './until-cancelled.ts';
import type { WebSocketConnection } from './web-socket-connection.ts';

/** A way into a pod, for any number of connections to its ports at a time. */
export interface PodConnections extends AsyncDisposable {
  /** True when the way is lost, and no connection can be made any more. */
  readonly isOver: boolean;
  /**
   * Connects to a port of the pod. A failure of one connection (no process listens on the port)
   * destroys that one only, with the kubelet's message.
   *
   * Errors: `ConnectionError`.
   */
  connect(port: number): Promise<Duplex>;
  close(): Promise<void>;
}

const pingIntervalMs = 10_000;

/**
 * Opens the way into a pod. It dies with the pod, or with the connection to the server.
 *
 * Errors: `ApiError` when the server refused, `ConnectionError` when there was no answer.
 */
export async function openPodConnections(
  client: Client,
  pod: string,
  options: CallOptions & NamespaceOption = {},
): Promise<PodConnections> {
  const upgrade: PodUpgrade = {
    pod,
    subresource: 'portforward',
    query: {},
    pingIntervalMs,
    ...options,
  };
  const connection = await openConnection(client, upgrade);
  return connectionsOver(connection, { clock: client.clock, subject: subjectOf(upgrade) });
}

/**
 * Connects to a port of a pod over a way of its own, which ends with the connection: no other connection can hold
 * it up.
 *
 * Errors: as `openPodConnections`. That no program listens is told by the stream, which fails.
 */
export async function openPodPort(
  client: Client,
  pod: string,
  port: number,
  options: CallOptions & NamespaceOption = {},
): Promise<Duplex> {
  const connections = await openPodConnections(client, pod, options);
  try {
    const stream = await connections.connect(port);
    return stream.once('close', () => void connections.close());
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/** The subprotocol of connections to the ports of a pod. Source: Kubernetes portforward. */
export const portForwardProtocol = 'portforward.k8s.io';

/** The way that a SPDY connection is. */
export function connectionsOver(
  connection: SpdyConnection,
  { clock, subject }: { readonly clock: Clock; readonly subject: string },
): PodConnections {
  const { session } = connection;
  let requestId = 0;
  const close = async (): Promise<void> => {
    const timer = clock.schedule(goodbyeMs, () => connection.close());
    await session.goAway().catch(() => {}); // It may be gone already.
    timer.cancel();
    connection.close();
    await connection.over;
  };
  return {
    get isOver() {
      return session.isOver;
    },
    async connect(port) {
      const headers = { port: String(port), requestid: String(requestId++) };
      try {
        const error = await session.open({ streamtype: 'error', ...headers });
        await error.end();
        const data = await session.open({ streamtype: 'data', ...headers });
        return streamDuplex({ data, error }, { clock, subject: `${subject}, port ${port}` });
      } catch (cause) {
        throw asConnectionError(cause, `${subject}, port ${port}`);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openConnection(client: Client, upgrade: PodUpgrade): Promise<SpdyConnection> {
  const socket = await openWebSocket(client, upgrade, `SPDY/3.1+${portForwardProtocol}`);
  if (!(socket instanceof ApiError)) {
    const { clock } = client;
    return speakSpdy(tunnelPipe(socket), { clock, subject: subjectOf(upgrade) });
  }
  if (isFinalRefusal(socket)) throw socket;
  const spdy = await openSpdy(client, upgrade, [portForwardProtocol]);
  if (spdy instanceof ApiError) throw clearerRefusal(socket, spdy);
  return spdy.connection;
}

// The borders of messages mean nothing to SPDY.
function tunnelPipe(socket: WebSocketConnection): BytePipe {
  return {
    incoming: socket.messages(),
    write: (bytes) => socket.send(bytes),
    destroy: () => socket.destroy(),
  };
}

/** Who closes a connection that has failed says why after that, within this. */
const reasonMs = 500;

function streamDuplex(
  { data, error }: { readonly data: SpdyStream; readonly error: SpdyStream },
  { clock, subject }: { readonly clock: Clock; readonly subject: string },
): Duplex {
  let hasSpoken = false;
  const failing = failureOf(error, subject);
  const end = async (): Promise<void> => {
    // Nothing has come: perhaps because it has failed.
    if (!hasSpoken) await within(reasonMs, failing, clock);
    if (!duplex.destroyed) duplex.push(null);
  };
  const incoming = data.bytes[Symbol.asyncIterator]();
  const settle = async (
    promised: Promise<unknown>,
    done: (failure?: Error | null) => void,
  ): Promise<void> => {
    try {
      await promised;
    } catch (cause) {
      return done(asConnectionError(cause, subject));
    }
    done();
  };
  const duplex = new Duplex({
    read() {
      incoming.next().then(
        ({ done, value }) => {
          if (done !== true) duplex.push(value);
          else void end();
          hasSpoken ||= done !== true;
        },
        (cause: unknown) => duplex.destroy(asConnectionError(cause, subject)),
      );
    },
    write: (chunk: Uint8Array, _, done) => void settle(data.write(chunk), done),
    final: (done) => void settle(data.end(), done),
    destroy(failure, done) {
      void incoming.return?.();
      // A reset fails only when the connection is gone, and its streams with it.
      const reset = Promise.allSettled([data.reset(), error.reset()]);
      void settle(reset, () => done(failure));
    },
  });
  void failing.then((failure) => failure && duplex.destroy(failure));
  return duplex;
}

/** Resolves with what is awaited, or when the time is over. */
async function within(ms: number, awaited: Promise<unknown>, clock: Clock): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = clock.schedule(ms, resolve);
  await Promise.race([awaited, late]);
  timer.cancel();
}

/** What the server says of a connection that has failed; undefined at the end of one that has not. */
async function failureOf(error: SpdyStream, subject: string): Promise<ConnectionError | undefined> {
  try {
    const said = processOutput(untilCancelled(error.bytes));
    const text = await said.text({ bytesMax: statusBytesMax });
    if (text === '') return undefined;
    return new ConnectionError({ problem: 'refused', message: `${subject}: ${text}` });
  } catch {
    return undefined; // The data stream is told of it as well.
  }
}

function asConnectionError(cause: unknown, subject: string): Error {
  if (!(cause instanceof SpdyError)) return cause instanceof Error ? cause : new Error(subject);
  const problem = cause.problem === 'gone' ? 'closed' : 'reset';
  return new ConnectionError({ problem, message: `${subject}: ${cause.message}`, cause });
}
