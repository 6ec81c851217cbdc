import { giveWay } from '@fairway/host';
import {
  type FieldError,
  type HttpResponse,
  type JsonObject,
  type JsonValue,
  type KubernetesObject,
  apiVersionOf,
  badRequest,
  conflict,
  decodeJson,
  invalid,
  invalidValue,
  isJsonObject,
  parsePatchOptions,
  collectBody,
} from '@fairway/protocol';
import {
  type ExpectedObject,
  type FieldValidation,
  describeDuplicateKeys,
} from '../content/decode-object.ts';
import { type IncomingObject, asIncoming } from '../content/incoming-object.ts';
import type { BodyParts } from '../content/read-object-body.ts';
import { unknownFieldWalkers } from '@fairway/schema';
import { chooseRepresentation } from '../content/representation.ts';
import type { Call } from '../calls/call.ts';
import { replaceObject } from '../objects/replace-object.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { applyConfig } from '../ownership/apply-ownership.ts';
import { type Kind, cannotConvert, kindText } from '../ownership/require-applicable.ts';
import { bodyLimits, checkObjectValues, objectTooLarge } from '../storage/object-limits.ts';
import { answerWritten } from './create.ts';

/** Answers `PATCH` with what a caller wants to be there: creates the object, or changes its own. */
export async function applyObject(call: Call<WriteParts>): Promise<HttpResponse> {
  const { request, resource } = call;
  const options = parsePatchOptions(request.query, { isApply: true });
  const { fieldValidation = 'Warn' } = options;
  const representation = chooseRepresentation(request, resource);
  const { config, duplicateKeys } = await readConfig(call, resource);
  let isTold = false;
  const make = async (stored?: KubernetesObject): Promise<IncomingObject> => {
    const object = await applyConfig(call, {
      config,
      options,
      ...(stored === undefined ? {} : { stored }),
    });
    if (!isTold) tellDuplicates(call, duplicateKeys, fieldValidation);
    isTold = true;
    requireName(call, object, stored);
    checkObjectValues(object);
    await giveWay();
    return conform(object, { resource, config });
  };
  const createInstead = async (): Promise<IncomingObject> => {
    const object = await make();
    delete object.metadata.resourceVersion;
    return object;
  };
  const replaced = await replaceObject(call, {
    change: (readStored) => make(readStored()),
    options,
    isApply: true,
    ...(call.target.subresource === '' ? { createInstead } : {}),
  });
  return answerWritten(call, representation, replaced);
}

/** Makes an object what its kind would write. All its fields are known by now. */
function conform(
  object: KubernetesObject,
  { resource, config }: { readonly resource: ServedResource; readonly config: KubernetesObject },
): IncomingObject {
  const { typeError } = unknownFieldWalkers[resource.unknownFields](object, resource);
  if (typeError !== undefined) throw cannotConvert(config, resource, typeError);
  return asIncoming(object);
}

function requireName(
  { resource, target }: Call,
  { metadata }: KubernetesObject,
  stored: KubernetesObject | undefined,
): void {
  const { uid = '', namespace = '', name = '', deletionTimestamp } = metadata ?? {};
  const { uid: storedUid, deletionTimestamp: storedDeletion } = stored?.metadata ?? {};
  if (stored === undefined && uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict({ ...resource, name: target.name }, why);
  }
  if (resource.isNamespaced && namespace !== '' && namespace !== target.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if (name === '') {
    throw badRequest(
      `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (stored === undefined) return;
  const errors: FieldError[] = [];
  if (uid !== storedUid) errors.push(immutable('metadata.uid', uid));
  if (deletionTimestamp !== storedDeletion) {
    errors.push(immutable('metadata.deletionTimestamp', deletionTimestamp));
  }
  if (errors.length > 0) throw invalid({ ...resource, name }, errors);
}

function immutable(field: string, value: unknown): FieldError {
  return invalidValue(field, value, 'field is immutable');
}

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
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${typeName(config)} into Go value of type map[string]interface {}`,
    );
  }
  requireKind(config, expected);
  // It may have been `/v1`, which means the same.
  return { config: { ...config, apiVersion: apiVersionOf(expected) }, duplicateKeys };
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

interface DecodedBody {
  readonly value: unknown;
  readonly duplicateKeys: readonly string[];
}

async function decodeBody({ request, parts }: Call<BodyParts>): Promise<DecodedBody> {
  const bytes = await collectBody(request.body);
  // JSON is YAML, and read far faster as what it is.
  const json = decodeJson(bytes, bodyLimits);
  if (json.kind === 'too large') throw objectTooLarge(json.problem);
  if (json.kind === 'decoded' && json.duplicateFields.length === 0) {
    return { value: json.value, duplicateKeys: [] };
  }
  const yaml = await parts.yaml.decode(bytes);
  switch (yaml.kind) {
    case 'decoded':
      return { value: JSON.parse(yaml.json) as unknown, duplicateKeys: yaml.duplicateKeys };
    case 'malformed':
      throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${yaml.problem}`);
    case 'too large':
      throw objectTooLarge(yaml.problem);
  }
}

/** After the apply, whose own refusals come first. */
function tellDuplicates(
  call: Call,
  keys: readonly string[],
  fieldValidation: FieldValidation,
): void {
  if (keys.length === 0) return;
  if (fieldValidation === 'Strict') {
    const [list] = describeDuplicateKeys(keys);
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${list}`);
  }
  if (fieldValidation === 'Warn') call.warnings.push(...new Set(keys));
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
