import type { HttpBody } from '@fairway/protocol';

/** All bytes of a body. Errors: `RangeError` beyond `bytesMax`. */
export async function readBody(body: HttpBody, bytesMax: number): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bytesMax) throw tooLong(bytesMax);
    chunks.push(chunk);
  }
  return joinBytes(chunks, length);
}

/** The refusal of an answer that is longer than its reader takes. */
export function tooLong(bytesMax: number): RangeError {
  return new RangeError(
    `the answer is longer than ${bytesMax} bytes: ask for less, with "limit" or a selector`,
  );
}

/** Chunks of `length` bytes together as one. */
export function joinBytes(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}
