import type { HttpRequest } from '@fairway/protocol';

/**
 * Collects the body of a request. The filter that bounds bodies stands before every verb, so this
 * needs no bound of its own.
 */
export async function readBody({ body }: HttpRequest): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
