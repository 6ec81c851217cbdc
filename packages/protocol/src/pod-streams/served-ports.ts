import type { ByteStream } from '../byte-stream.ts';
import type { Scheduler } from './served-process.ts';

/** Ports of a pod, for whoever forwards them. */
export interface ServedPorts {
  /** Connects to a port. The caller is told what it throws. */
  readonly connect: (port: number) => Promise<ByteStream>;
  readonly clock: Scheduler;
}
