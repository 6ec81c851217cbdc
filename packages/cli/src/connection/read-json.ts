import type { Client, RawRequest } from '@fairway/client';
import { CommandError } from '../command-error.ts';

/** More than any answer that is read as a whole. */
const bytesMax = 64 * 1024 * 1024;

/** Reads an answer as JSON. `T` is what the server promises to send. */
export async function readJson<T>(client: Client, request: RawRequest): Promise<T> {
  const { body } = await client.request(request);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : (body ?? [])) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new CommandError(`${request.path}: the answer is too long`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as T;
  } catch (cause) {
    throw new CommandError(
      `${request.path} was not answered in JSON; check that the address is a Kubernetes API`,
      { cause },
    );
  }
}
