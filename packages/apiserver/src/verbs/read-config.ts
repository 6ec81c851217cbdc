import {
  type JsonObject,
  type JsonValue,
  apiVersionOf,
  badRequest,
  decodeJson,
  isJsonObject,
  jsonTypeOf,
  parseJson,
} from '@fairway/protocol';
import { collectInTurn } from '../content/collect-in-turn.ts';
import type { Call } from '../calls/call.ts';
import type { ExpectedObject } from '../content/expected-object.ts';
import type { BodyParts } from '../content/read-object-body.ts';
import { type Kind, kindText } from '../ownership/require-applicable.ts';
import { bodyLimits, objectTooLarge } from '../storage/object-limits.ts';

/** What is to be applied. */
export interface ReadConfig {
  readonly config: JsonObject;
  /** Keys that come again, in the words of the API. */
  readonly duplicateKeys: readonly string[];
}

/**
 * Reads what is to be applied, in YAML or JSON.
 *
 * Errors: BadRequest for a body that is no object of the kind.
 */
export async function readConfig(
  call: Call<BodyParts>,
  expected: ExpectedObject,
): Promise<ReadConfig> {
  const { value, duplicateKeys } = await decodeBody(call);
  const config = value ?? {};
  if (!isJsonObject(config)) {
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonTypeOf(config)} into Go value of type map[string]interface {}`,
    );
  }
  requireKind(config, expected);
  // It may have been `/v1`, which means the same.
  return { config: { ...config, apiVersion: apiVersionOf(expected) }, duplicateKeys };
}

interface DecodedBody {
  readonly value: unknown;
  readonly duplicateKeys: readonly string[];
}

async function decodeBody({ request, parts }: Call<BodyParts>): Promise<DecodedBody> {
  const bytes = await collectInTurn(request.body);
  // JSON is YAML, and read far faster as what it is.
  const json = decodeJson(bytes, bodyLimits);
  if (json.kind === 'too large') throw objectTooLarge(json.problem);
  if (json.kind === 'decoded' && json.duplicateFields.length === 0) {
    return { value: json.value, duplicateKeys: [] };
  }
  const yaml = await parts.yaml.decode(bytes);
  switch (yaml.kind) {
    case 'decoded':
      return { value: parseJson(yaml.json), duplicateKeys: yaml.duplicateKeys };
    case 'malformed':
      throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${yaml.problem}`);
    case 'too large':
      throw objectTooLarge(yaml.problem);
  }
}

function requireKind(config: JsonObject, expected: ExpectedObject): void {
  const given = kindText(kindOf(config));
  if (given !== kindText(expected)) throw badRequest(`invalid object type: ${given}`);
}

/** Nothing where the version cannot be read, as in Kubernetes. */
function kindOf({ apiVersion, kind }: JsonObject): Kind {
  const steps = textOf(apiVersion).split('/');
  if (steps.length > 2) return { group: '', version: '', kind: '' };
  const [version = '', group = ''] = steps.reverse();
  return { group, version, kind: textOf(kind) };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
