import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** In bytes; the blocks of the event loop since the last observation in milliseconds. */
export interface Observation {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly blockedMsMax: number;
  readonly blockedCpuMsMax: number;
  /** What went on in the longest by CPU: the requests that came just before it, and collections. */
  readonly blockedBeside: string;
}

/** Asks a server that runs with `observe-server.ts`. */
export async function observe(socketPath: string): Promise<Observation> {
  return JSON.parse(await text(connect(socketPath))) as Observation;
}
