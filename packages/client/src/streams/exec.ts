import { ApiError } from '@fairway/protocol';
import type { Client } from '../client.ts';
import type { CallOptions, NamespaceOption } from '../resource/call-options.ts';
import { channelProcess } from './channel-process.ts';
import {
  type PodUpgrade,
  clearerRefusal,
  isFinalRefusal,
  openSpdy,
  openWebSocket,
  subjectOf,
} from './open-upgrade.ts';
import type { RemoteProcess } from './remote-process.ts';
import { remoteCommandProtocols, spdyProcess } from './spdy-process.ts';

/** What of a container to connect to. Source: core/v1 PodAttachOptions. */
export interface AttachOptions extends CallOptions, NamespaceOption {
  /** Must be given when the pod has several containers and no default one. */
  readonly container?: string;
  /** True to send input; false when absent. */
  readonly stdin?: boolean;
  /** False to do without; true when absent. */
  readonly stdout?: boolean;
  /** False to do without; true when absent, except with a terminal. */
  readonly stderr?: boolean;
  /** With a terminal. */
  readonly tty?: boolean;
}

/** Source: core/v1 PodExecOptions. */
export interface ExecOptions extends AttachOptions {
  /** The program and its arguments; no shell comes in between. */
  readonly command: readonly string[];
}

/**
 * Runs a command in a container.
 *
 * Errors: `ApiError` when the server refused, `ConnectionError` when there was no answer.
 * @example
 * const process = await exec(client, 'web-0', { command: ['ls', '/'], stderr: false });
 * for await (const line of process.stdout.lines()) show(line);
 * const { code } = await process.exited;
 */
export function exec(client: Client, pod: string, options: ExecOptions): Promise<RemoteProcess> {
  const { command, ...rest } = options;
  return start(client, { pod, subresource: 'exec', command }, rest);
}

/** Connects to the process that a container was started with. Errors: as with `exec`. */
export function attach(
  client: Client,
  pod: string,
  options: AttachOptions = {},
): Promise<RemoteProcess> {
  return start(client, { pod, subresource: 'attach' }, options);
}

const pingIntervalMs = 5_000;

async function start(
  client: Client,
  target: Pick<PodUpgrade, 'pod' | 'subresource'> & { readonly command?: readonly string[] },
  options: AttachOptions,
): Promise<RemoteProcess> {
  const { tty = false, stdin = false, stdout = true, stderr = !tty, container, ...where } = options;
  const streams = { tty, stdin, stdout, stderr };
  const { pod, subresource, command } = target;
  const wanted = Object.entries(streams).filter(([, isWanted]) => isWanted);
  const upgrade: PodUpgrade = {
    ...where,
    pod,
    subresource,
    query: { command, container, ...Object.fromEntries(wanted) },
    pingIntervalMs,
  };
  const process = { ...streams, clock: client.clock, subject: subjectOf(upgrade) };
  const socket = await openWebSocket(client, upgrade, 'v5.channel.k8s.io');
  if (!(socket instanceof ApiError)) return channelProcess(socket, process);
  if (isFinalRefusal(socket)) throw socket;
  const spdy = await openSpdy(client, upgrade, remoteCommandProtocols);
  if (spdy instanceof ApiError) throw clearerRefusal(socket, spdy);
  return await spdyProcess(spdy.connection, { ...process, protocol: spdy.protocol });
}
