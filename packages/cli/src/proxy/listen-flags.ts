import { dirname } from 'node:path';
import type { Files } from '@fairway/host';
import { parseDuration } from '@fairway/protocol';
import type { ListenAddress } from '@fairway/serving';
import { parseListenFlag } from '../cluster/listen-flag.ts';
import { CommandError } from '../command-error.ts';
import { listenPort } from '../flag-values.ts';

/** The flags of `proxy` that say where it listens, and how it ends. */
export interface ListenFlags {
  readonly port: string;
  readonly address: string;
  readonly unixSocket: string;
  readonly healthAddress?: string;
  readonly drainTimeout: string;
}

/** Errors: `CommandError`. */
export function listenAddress({ unixSocket, port, address }: ListenFlags): ListenAddress {
  if (unixSocket !== '') {
    if (port !== '8001') {
      throw new CommandError('cannot set --unix-socket and --port at the same time');
    }
    return { path: unixSocket, mode: 0o600 };
  }
  return { host: address.replace(/^\[(.*)\]$/, '$1'), port: listenPort(port) };
}

/**
 * A socket is for its user alone by its mode, which holds only as long as nobody else can put one of their own in its
 * place. Errors: `CommandError` for a folder where everyone can.
 */
export async function checkSocketFolder(files: Files, address: ListenAddress): Promise<void> {
  if (!('path' in address)) return;
  const folder = dirname(address.path);
  const mode = (await files.stat(folder))?.mode ?? 0;
  const isForAll = (mode & 0o002) !== 0;
  const isSticky = (mode & 0o1000) !== 0;
  if (!isForAll || isSticky) return;
  throw new CommandError(
    `cannot listen on ${address.path}: everyone may replace what is in ${folder}, this socket too; name one in a folder of your own`,
  );
}

/** Where health and metrics are; undefined: nowhere. Errors: `CommandError`. */
export function healthAddress({ healthAddress: text }: ListenFlags): ListenAddress | undefined {
  return text === undefined ? undefined : parseListenFlag(text, '--health-address');
}

/** How long requests may go on after somebody asked for an end. Errors: `CommandError`. */
export function drainMsOf({ drainTimeout }: ListenFlags): number {
  const drainMs = drainTimeout === '0' ? 0 : parseDuration(drainTimeout);
  if (drainMs !== undefined && drainMs >= 0) return drainMs;
  throw new CommandError(
    `cannot use --drain-timeout ${JSON.stringify(drainTimeout)}: write a time such as 30s`,
  );
}
