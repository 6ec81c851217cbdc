import { giveWay } from '@fairway/host';
import {
  ApiError,
  type KubernetesObject,
  ProtobufError,
  apiError,
  decodeJson,
  decodeKubernetesProtobuf,
  headerOf,
  invalid,
  invalidValue,
  parseMediaType,
} from '@fairway/protocol';
import { protobufTable } from '@fairway/kinds/protobuf';
import { type IncomingObject, asIncoming } from './incoming-object.ts';
import {
  bodyLimits,
  checkObjectSize,
  objectBytesMax,
  objectFieldsMax,
  objectTooLarge,
  objectValuesMax,
} from '../storage/object-limits.ts';
import { isJsonObject, unknownFieldWalkers } from '@fairway/schema';
import type { Call } from '../calls/call.ts';
import { typeMetaProblem } from '../calls/type-meta-problem.ts';
import { warn } from '../calls/with-warnings.ts';
import type { ExpectedObject } from './expected-object.ts';
import type { RequestBody } from './read-object-body.ts';
import type { DecodedYaml } from './decode-yaml.ts';
import { acceptedTypes } from './representation.ts';
import { requireKind, requireOwnKind } from './require-kind.ts';
import { cannotHandle, unrecognized, withoutKind } from './unreadable-body.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/**
 * Decodes a body and makes it what its schema says, with unknown and repeated fields refused,
 * warned of or ignored as the caller asked.
 *
 * Errors: BadRequest and UnsupportedMediaType `ApiError`s in the API's words.
 */
export async function decodeObject(
  call: Call,
  expected: ExpectedObject,
  source: { readonly body: RequestBody; readonly fieldValidation: FieldValidation },
): Promise<IncomingObject> {
  const decoded = decodeBytes(call, expected, source.body);
  await giveWay();
  const object = checkFields(call, expected, { ...source, ...decoded });
  if (source.body.bytes.length > objectBytesMax) checkObjectSize(object);
  call.request.audit?.noteObject(object.metadata);
  return object;
}

/** The same for an object that is decoded already: the outcome of a patch. */
export function checkFields(
  call: Call,
  expected: ExpectedObject,
  source: {
    readonly object: KubernetesObject;
    /** Fields that come twice, as the API tells of them. */
    readonly duplicates: readonly string[];
    readonly duplicateKeys?: readonly string[];
    readonly numberTexts?: ReadonlyMap<string, string> | undefined;
    readonly fieldValidation: FieldValidation;
    /** What the object is the outcome of. */
    readonly patch?: string;
  },
): IncomingObject {
  blamingPatch(source, () => requireKind(source.object, expected));
  const walk = unknownFieldWalkers[expected.unknownFields];
  const resetsOwnership = source.object.metadata?.managedFields?.length === 0;
  const { numberTexts } = source;
  const { unknownFields, typeError } = walk(
    source.object,
    numberTexts === undefined ? expected : { ...expected, numberTexts },
  );
  if (typeError !== undefined) throw blamed(source, cannotHandle(expected, typeError));
  const { duplicateKeys = [], duplicates } = source;
  const problems = [...unknownFields.map((field) => `unknown field "${field}"`), ...duplicates];
  if (problems.length + duplicateKeys.length > 0 && source.fieldValidation === 'Strict') {
    const all = [...describeDuplicateKeys(duplicateKeys), ...problems];
    const why = `strict decoding error: ${all.join(', ')}`;
    if (source.patch === undefined) throw cannotHandle(expected, why);
    throw invalid({ group: '', kind: '', name: '' }, [invalidValue('patch', source.patch, why)]);
  }
  if (source.fieldValidation === 'Warn') {
    warn(call, [...duplicateKeys, ...problems]);
  }
  const object = asIncoming(source.object);
  if (expected.isNamespaced === false) delete object.metadata.namespace;
  // An empty list is dropped like any other, but this one says something.
  if (resetsOwnership) object.metadata.managedFields = [];
  return object;
}

/** What makes no object is the fault of the patch, where there is one: 422, and not 400. */
function blamingPatch(source: { readonly patch?: string }, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof ApiError && error.code === 400 ? blamed(source, error) : error;
  }
}

function blamed({ patch }: { readonly patch?: string }, error: Error): Error {
  if (patch === undefined) return error;
  return invalid({ group: '', kind: '', name: '' }, [invalidValue('patch', patch, error.message)]);
}

/** Fields that come twice in JSON. */
export function describeDuplicates(fields: readonly string[], prefix = ''): readonly string[] {
  return fields.map((field) => `${prefix}duplicate field "${field}"`);
}

/** Keys that come again in YAML, as one error. */
export function describeDuplicateKeys(keys: readonly string[]): readonly string[] {
  return keys.length === 0 ? [] : [['yaml: unmarshal errors:', ...keys].join('\n  ')];
}

interface Decoded {
  readonly object: KubernetesObject;
  readonly duplicates: readonly string[];
  readonly numberTexts?: ReadonlyMap<string, string> | undefined;
  /** Of YAML, which names them otherwise. */
  readonly duplicateKeys?: readonly string[];
}

function decodeBytes(call: Call, expected: ExpectedObject, { bytes, yaml }: RequestBody): Decoded {
  if (yaml !== undefined) return fromYaml(expected, bytes, yaml);
  const contentType = headerOf(call.request.headers, 'content-type') ?? 'application/json';
  switch (parseMediaType(contentType)?.type) {
    case 'application/json':
      return fromJson(expected, bytes);
    case 'application/vnd.kubernetes.protobuf':
      if (expected.isBuiltIn) return fromProtobuf(expected, bytes);
  }
  const types = acceptedTypes(expected);
  throw apiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${types}`,
  );
}

function fromJson(expected: ExpectedObject, body: Uint8Array): Decoded {
  const json = decodeJson(body, bodyLimits);
  if (json.kind === 'too large') throw objectTooLarge(json.problem);
  if (json.kind === 'malformed') {
    if (!isJsonObject(json.value) || typeMetaProblem(json.value) !== undefined) {
      throw withoutKind(expected, body, `json parse error: ${json.problem}`);
    }
    requireKind(json.value, expected);
    throw cannotHandle(expected, json.problem);
  }
  // In Go, null leaves an object as it is: empty.
  const value = json.value ?? {};
  const problem = typeMetaProblem(value);
  if (problem !== undefined) throw withoutKind(expected, body, `json parse error: ${problem}`);
  if (!isJsonObject(value)) throw withoutKind(expected, body, 'not an object');
  requireOwnKind(expected, value, body);
  const { duplicateFields, numberTexts } = json;
  return { object: value, duplicates: describeDuplicates(duplicateFields), numberTexts };
}

function fromYaml(expected: ExpectedObject, body: Uint8Array, yaml: DecodedYaml): Decoded {
  if (yaml.kind !== 'decoded') {
    if (yaml.kind === 'too large') throw objectTooLarge(yaml.problem);
    throw withoutKind(expected, body, `yaml parse error: ${yaml.problem}`);
  }
  const json = decodeJson(Buffer.from(yaml.json));
  const value = json.kind === 'decoded' ? json.value : undefined;
  if (json.kind !== 'decoded' || !isJsonObject(value)) {
    throw withoutKind(expected, body, 'yaml parse error: the body must be an object');
  }
  requireOwnKind(expected, value, body);
  const { duplicateKeys } = yaml;
  return { object: value, duplicates: [], duplicateKeys, numberTexts: json.numberTexts };
}

function fromProtobuf(expected: ExpectedObject, body: Uint8Array): Decoded {
  try {
    const { object } = decodeKubernetesProtobuf(body, protobufTable(), {
      valuesMax: objectValuesMax,
    });
    if (body.length > objectFieldsMax * entryBytes) checkObjectSize(object);
    return { object, duplicates: [] };
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    if (error.problem === 'too-large') {
      throw objectTooLarge(`more than ${objectValuesMax} fields and elements`);
    }
    throw unrecognized(expected, error.message);
  }
}

/** The least that an entry of a map takes in protobuf: its own tag and length, its key's. */
const entryBytes = 4;
