import { type HttpRequest, headerOf, parseMediaType } from '@fairway/protocol';
import type { DecodedYaml } from './decode-yaml.ts';
import type { Call } from '../calls/call.ts';
import type { YamlDecoder } from './yaml-decoder.ts';

/** To read what a caller sends. */
export interface BodyParts {
  readonly yaml: YamlDecoder;
}

/** A body that was read, and may be decoded any number of times. */
export interface RequestBody {
  readonly bytes: Uint8Array;
  /** What became of it when it is YAML, which takes long to read. */
  readonly yaml?: DecodedYaml;
}

/** Reads the body of a request that may be YAML. Errors: TooManyRequests `ApiError`. */
export async function readObjectBody({ request, parts }: Call<BodyParts>): Promise<RequestBody> {
  const bytes = await readBody(request);
  const contentType = headerOf(request.headers, 'content-type') ?? '';
  if (parseMediaType(contentType)?.type !== 'application/yaml') return { bytes };
  return { bytes, yaml: await parts.yaml.decode(bytes) };
}

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
