import type { HttpBody } from '@fairway/protocol';

/**
 * Collects a body. The filter that bounds those of requests stands before every verb, and answers
 * inside the process are the server's own, so this needs no bound of its own.
 */
export async function readBody({ body }: { readonly body: HttpBody }): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
