import type { ByteStream } from '../byte-stream.ts';
import type { Scheduler } from './served-process.ts';

/** Ports of a pod, for whoever forwards them. */
export interface ServedPorts {
  /** Connects to a port. The caller is told what it throws. */
  readonly connect: (port: number) => Promise<ByteStream>;
  readonly clock: Scheduler;
}

/** What the caller is told of a port that could not be forwarded. */
export function toldFailure(cause: unknown): Uint8Array {
  return new TextEncoder().encode(cause instanceof Error ? cause.message : String(cause));
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
