import type { HttpBody } from './http-message.ts';

/** How much of a body is read, and what its reader is told beyond that. */
export interface BodyBound {
  readonly bytesMax: number;
  readonly tooLong: () => Error;
}

/**
 * All bytes of a body in one piece. Without a bound for a body that somebody has bounded before.
 * Errors: `tooLong()` beyond `bytesMax`; the rest is let go of.
 */
export async function collectBody(body: HttpBody, bound?: BodyBound): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunksOf(body)) {
    sizeBytes += chunk.length;
    if (bound !== undefined && sizeBytes > bound.bytesMax) throw bound.tooLong();
    chunks.push(chunk);
  }
  return joinBytes(chunks, sizeBytes);
}

/** The first `bytesMax` bytes of a body; the rest is let go of. */
export async function startOfBody(body: HttpBody, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunksOf(body)) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= bytesMax) break;
  }
  return joinBytes(chunks, sizeBytes).subarray(0, bytesMax);
}

function chunksOf(body: HttpBody): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  if (body === undefined) return [];
  return body instanceof Uint8Array ? [body] : body;
}

function joinBytes(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const joined = new Uint8Array(sizeBytes);
  let filled = 0;
  for (const chunk of chunks) {
    joined.set(chunk, filled);
    filled += chunk.length;
  }
  return joined;
}
