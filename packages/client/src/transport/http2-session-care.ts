import type { ClientHttp2Session } from 'node:http2';
import type { Clock } from '@fairway/host';
import { ConnectionError } from './connection-error.ts';

/** So often is looked after a session. */
const careIntervalMs = 10_000;
/** A session that was silent for this long gets a ping. */
const readIdleMs = 30_000;
/** It has so long to answer. */
const pingTimeoutMs = 15_000;
/** A session without a stream for so long is closed. */
const idleMs = 90_000;

/** How a session is used. */
export interface SessionUse {
  /** How many streams are on it. */
  streams: number;
  /** When the server was heard last. */
  heardAtMs: number;
  /** Takes no more streams. */
  isClosed: boolean;
}

interface CareOptions {
  readonly clock: Clock;
  readonly server: URL;
}

/**
 * Looks after a session until it ends: closes it when nobody uses it, and cuts it when its server is
 * gone. A peer that vanished without a word would let its watches wait for ever.
 */
export function careForSession(
  session: ClientHttp2Session,
  use: SessionUse,
  options: CareOptions,
): void {
  const { clock } = options;
  let idleSinceMs: number | undefined;
  let isPinging = false;
  const care = (): void => {
    if (session.destroyed || session.closed) return;
    const nowMs = clock.elapsed();
    idleSinceMs = use.streams > 0 ? undefined : (idleSinceMs ?? nowMs);
    if (idleSinceMs !== undefined && nowMs - idleSinceMs >= idleMs) return session.close();
    if (nowMs - use.heardAtMs >= readIdleMs && !isPinging) {
      isPinging = true;
      ping(session, use, options, () => (isPinging = false));
    }
    timer = clock.schedule(careIntervalMs, care);
  };
  let timer = clock.schedule(careIntervalMs, care);
  session.once('close', () => timer.cancel());
}

function ping(
  session: ClientHttp2Session,
  use: SessionUse,
  { clock, server: { origin: server } }: CareOptions,
  onEnd: () => void,
): void {
  const deadline = clock.schedule(pingTimeoutMs, () => {
    use.isClosed = true;
    const message = `${server}: the connection is dead: no answer to a ping within ${pingTimeoutMs} ms`;
    session.destroy(new ConnectionError({ problem: 'reset', message, server }));
  });
  session.ping((error) => {
    // Also called with an error when the session ends first.
    deadline.cancel();
    onEnd();
    if (error === null) use.heardAtMs = clock.elapsed();
  });
}
