import {
  type HttpRequest,
  ProtobufError,
  badRequest,
  decodeJson,
  decodeKubernetesProtobuf,
  headerOf,
  parseMediaType,
  parseJson,
} from '@fairway/protocol';
import { protobufTable } from '@fairway/kinds/protobuf';
import type { RequestBody } from './read-object-body.ts';

/** Options are a dozen fields. */
const optionValuesMax = 1_000;

/** Decodes the options that some callers send as a body; undefined when there is no body. */
export function decodeOptions(request: HttpRequest, { bytes, yaml }: RequestBody): unknown {
  if (bytes.length === 0) return undefined;
  if (yaml !== undefined) return valueOf(yaml);
  const contentType = headerOf(request.headers, 'content-type') ?? 'application/json';
  switch (parseMediaType(contentType)?.type) {
    case 'application/vnd.kubernetes.protobuf':
      return optionsOfProtobuf(bytes);
    default:
      return valueOf(decodeJson(bytes, { valuesMax: optionValuesMax }));
  }
}

function optionsOfProtobuf(body: Uint8Array): unknown {
  try {
    return decodeKubernetesProtobuf(body, protobufTable(), { valuesMax: optionValuesMax }).object;
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw badRequest(`cannot read the options in the body: ${error.message}`);
  }
}

function valueOf(
  decoded:
    | { readonly kind: 'decoded'; readonly value: unknown }
    | { readonly kind: 'decoded'; readonly json: string }
    | { readonly kind: 'malformed' | 'too large'; readonly problem: string },
): unknown {
  if (decoded.kind === 'decoded')
    return 'json' in decoded ? parseJson(decoded.json) : decoded.value;
  throw badRequest(`cannot read the options in the body: ${decoded.problem}`);
}
