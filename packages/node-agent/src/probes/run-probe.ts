import { type Clock, timeLimit } from '@fairway/host';
import type { Container, Probe } from '@fairway/kinds/core/v1';
import { type DeepReadonly, hostPort } from '@fairway/protocol';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { RuntimeStreams } from '../runtime/runtime-streams.ts';
import type { ProbeOutcome } from './probe-outcome.ts';
import { grpcProbe } from './grpc-probe.ts';
import { httpGet, portNumber } from './http-get.ts';
import { reachFrom } from './reach.ts';

export interface ProbeScene {
  readonly runtime: Pick<RuntimeStreams, 'execToEnd' | 'reach'>;
  readonly clock: Clock;
  readonly containerId: string;
  readonly container: Pick<DeepReadonly<Container>, 'ports'>;
  /** Where the pod is to be reached. */
  readonly host: string;
  readonly signal: AbortSignal;
}

const userAgent = 'kube-probe/1.36';
const outputBytesMax = 10_240;

/**
 * Tries a probe once.
 *
 * Source: core/v1 Probe; the messages are those of a kubelet 1.36.
 */
export async function runProbe(
  probe: DeepReadonly<Probe>,
  scene: ProbeScene,
): Promise<ProbeOutcome> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1_000;
  if (probe.exec !== undefined) return execProbe(probe.exec.command ?? [], timeoutMs, scene);
  if (probe.grpc !== undefined) {
    const reach = reachFrom(scene.runtime, scene.containerId);
    return grpcProbe(probe.grpc, { ...scene, reach, timeoutMs });
  }
  using limit = timeLimit(scene.clock, timeoutMs, {
    late: () => timedOut,
    signal: scene.signal,
  });
  const { signal } = limit;
  try {
    if (probe.httpGet !== undefined) return await httpProbe(probe.httpGet, scene, signal);
    if (probe.tcpSocket !== undefined) return await tcpProbe(probe.tcpSocket, scene, signal);
  } catch (error) {
    const isPort = error instanceof RangeError;
    return { kind: isPort ? 'error' : 'failure', message: (error as Error).message };
  }
  return { kind: 'error', message: 'missing probe handler' };
}

const timedOut = new Error('timed out');

async function execProbe(
  command: readonly string[],
  timeoutMs: number,
  { runtime, containerId }: ProbeScene,
): Promise<ProbeOutcome> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execToEnd(containerId, command, {
      timeoutMs,
      outputBytesMax,
    });
    if (exitCode === 0) return { kind: 'success' };
    return { kind: 'failure', message: Buffer.concat([stdout, stderr]).toString() };
  } catch (error) {
    const isLate = error instanceof RuntimeError && error.problem === 'timeout';
    if (!isLate) return { kind: 'error', message: (error as Error).message };
    const what = `"${command.join(' ')}" timed out after ${timeoutMs / 1_000}s`;
    return { kind: 'failure', message: `command timed out: ${what}` };
  }
}

async function httpProbe(
  action: NonNullable<DeepReadonly<Probe>['httpGet']>,
  { host, container, runtime, containerId }: ProbeScene,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const reach = reachFrom(runtime, containerId);
  const answer = await httpGet(
    action,
    { host, ports: container.ports },
    { userAgent, signal, reach },
  ).catch((error: Error) => {
    if (error instanceof RangeError) throw error;
    throw new Error(
      `Get ${JSON.stringify(shownUrl(action, host, container))}: ${reasonOf(error, signal)}`,
    );
  });
  const { statusCode, isElsewhere, body } = answer;
  if (isElsewhere) {
    return { kind: 'success', warning: `Probe terminated redirects, Response body: ${body}` };
  }
  if (statusCode >= 200 && statusCode < 400) return { kind: 'success' };
  return { kind: 'failure', message: `HTTP probe failed with statuscode: ${statusCode}` };
}

function shownUrl(
  { scheme = 'HTTP', host: named, port, path = '/' }: NonNullable<DeepReadonly<Probe>['httpGet']>,
  host: string,
  { ports }: Pick<DeepReadonly<Container>, 'ports'>,
): string {
  const where = hostPort(
    named === undefined || named === '' ? host : named,
    portNumber(port, ports),
  );
  return `${scheme.toLowerCase()}://${where}${path}`;
}

/** Why a connection failed, as programs in Go say it. */
function reasonOf(error: Error, signal: AbortSignal): string {
  if (signal.reason === timedOut) {
    return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  }
  return dialReason(error);
}

function dialReason(error: Error): string {
  const { code, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  const words = code === undefined ? undefined : dialWords[code];
  if (words === undefined || address === undefined || port === undefined) return error.message;
  return `dial tcp ${hostPort(address, port)}: ${words}`;
}

const dialWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

async function tcpProbe(
  { host: named, port }: NonNullable<DeepReadonly<Probe>['tcpSocket']>,
  { host, container, runtime, containerId }: ProbeScene,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const number = portNumber(port, container.ports);
  const where = named === undefined || named === '' ? host : named;
  try {
    const socket = await reachFrom(runtime, containerId)({ host: where, port: number }, signal);
    socket.destroy();
    return { kind: 'success' };
  } catch (error) {
    const isLate = signal.reason === timedOut;
    const message = isLate
      ? `dial tcp ${hostPort(where, number)}: i/o timeout`
      : dialReason(error as Error);
    return { kind: 'failure', message };
  }
}
