import type { Duplex } from 'node:stream';
import { type Clock, timeLimit } from '@fairway/host';
import type { GRPCAction } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  ProtobufTable,
  decodeProtobufMessage,
  encodeProtobufMessage,
} from '@fairway/protocol';
import { GrpcConnection } from '../grpc/grpc-connection.ts';
import { GrpcError, grpcCodes } from '../grpc/grpc-error.ts';
import type { Reach } from './reach.ts';
import type { ProbeOutcome } from './probe-outcome.ts';

const checkPath = '/grpc.health.v1.Health/Check';
const answerBytesMax = 4_096;

/** What a service may answer, by its number. Source: grpc.health.v1 HealthCheckResponse. */
const states = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

const fields = new Map([
  ['HealthCheckRequest', [{ name: 'service', number: 1, type: 'string' }]],
  ['HealthCheckResponse', [{ name: 'status', number: 1, type: 'int32' }]],
]);

/**
 * Asks a service how it is.
 *
 * Source: gRPC, health checking protocol; the messages are those of a kubelet 1.36.
 */
export async function grpcProbe(
  { port, service = '' }: DeepReadonly<GRPCAction>,
  {
    host,
    clock,
    timeoutMs,
    reach,
    signal,
  }: {
    readonly host: string;
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly reach: Reach;
    readonly signal: AbortSignal;
  },
): Promise<ProbeOutcome> {
  const table = new ProtobufTable({
    fieldsOf: (message) => fields.get(message),
    messageOf: () => undefined,
  });
  const request = encodeProtobufMessage('HealthCheckRequest', { service }, table);
  const place = `${host}:${port}`;
  let socket: Duplex;
  try {
    using limit = timeLimit(clock, timeoutMs, { late: () => new Error('timed out'), signal });
    socket = await reach({ host, port }, limit.signal);
  } catch (error) {
    const unavailable = new GrpcError(grpcCodes.unavailable, (error as Error).message);
    return { kind: 'failure', message: failureOf(unavailable, { place, timeoutMs }) };
  }
  using connection = new GrpcConnection({ host, port, socket, clock });
  try {
    const bounds = { timeoutMs, messageBytesMax: answerBytesMax };
    const answer = await connection.call(checkPath, request, bounds);
    const { status = 0 } = decodeProtobufMessage('HealthCheckResponse', answer, table) as {
      readonly status?: number;
    };
    if (status === states.indexOf('SERVING')) return { kind: 'success' };
    const state = JSON.stringify(states[status] ?? String(status));
    return { kind: 'failure', message: `service unhealthy (responded with ${state})` };
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error;
    return { kind: 'failure', message: failureOf(error, { place, timeoutMs }) };
  }
}

function failureOf(
  { code, message }: GrpcError,
  { place, timeoutMs }: { readonly place: string; readonly timeoutMs: number },
): string {
  const within = `${timeoutMs / 1_000}s`;
  switch (code) {
    case grpcCodes.unavailable:
      return `timeout: failed to connect service ${JSON.stringify(place)} within ${within}: ${message}`;
    case grpcCodes.deadlineExceeded:
      return `timeout: health rpc did not complete within ${within}`;
    case grpcCodes.unimplemented:
      return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`;
    default:
      return `error: health rpc probe failed: ${message}`;
  }
}
