import { headerOf, parseMediaType } from '@fairway/protocol';
import { collectInTurn } from './collect-in-turn.ts';
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
  const bytes = await collectInTurn(request.body);
  const contentType = headerOf(request.headers, 'content-type') ?? '';
  if (parseMediaType(contentType)?.type !== 'application/yaml') return { bytes };
  return { bytes, yaml: await parts.yaml.decode(bytes) };
}
