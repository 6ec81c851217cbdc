import type { Clock } from '@fairway/host';
import { ApiError, type HttpRequest, type UpgradeHandler } from '@fairway/protocol';
import { type OpenedSpdy, upgradeToSpdy } from './open-upgrade.ts';
import { type PodConnections, connectionsOver, portForwardProtocol } from './pod-connections.ts';
import type { ProcessStreams, RemoteProcess } from './remote-process.ts';
import { remoteCommandProtocols, spdyProcess } from './spdy-process.ts';

/**
 * Where streams are served that somebody has asked for already, as a container runtime answers: the
 * address says which container and which command.
 */
export interface StreamAddress {
  readonly upgrade: UpgradeHandler;
  readonly path: string;
  /** Without the `?`. */
  readonly query: string;
  readonly clock: Clock;
  /** Cuts the connection. */
  readonly signal: AbortSignal;
  /** Names what is behind it, in messages. */
  readonly subject: string;
}

/**
 * The process behind an address, over SPDY.
 *
 * Errors: `ApiError` when the server refused, `ConnectionError` when there was no answer.
 */
export async function openProcess(
  address: StreamAddress,
  streams: ProcessStreams,
): Promise<RemoteProcess> {
  const { clock, subject } = address;
  const { connection, protocol } = await open(address, remoteCommandProtocols);
  return await spdyProcess(connection, { ...streams, clock, subject, protocol });
}

/** The ports of the pod behind an address, over SPDY. Errors: as with `openProcess`. */
export async function openPorts(address: StreamAddress): Promise<PodConnections> {
  const { connection } = await open(address, [portForwardProtocol]);
  return connectionsOver(connection, address);
}

async function open(address: StreamAddress, protocols: readonly string[]): Promise<OpenedSpdy> {
  const { upgrade, path, query, clock, signal, subject } = address;
  const request: HttpRequest = {
    method: 'POST',
    path,
    query,
    headers: {},
    body: undefined,
    signal,
  };
  const opened = await upgradeToSpdy({ upgrade, clock, subject }, request, protocols);
  if (opened instanceof ApiError) throw opened;
  return opened;
}
