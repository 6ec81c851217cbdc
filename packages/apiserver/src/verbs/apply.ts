import { giveWay } from '@fairway/host';
import {
  type FieldError,
  type HttpResponse,
  type KubernetesObject,
  badRequest,
  conflict,
  invalid,
  invalidValue,
  parsePatchOptions,
} from '@fairway/protocol';
import { unknownFieldWalkers } from '@fairway/schema';
import type { Call } from '../calls/call.ts';
import { type FieldValidation, describeDuplicateKeys } from '../content/decode-object.ts';
import { type IncomingObject, draftOf } from '../content/incoming-object.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { replaceObject } from '../objects/replace-object.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { applyConfig } from '../ownership/apply-ownership.ts';
import { cannotConvert } from '../ownership/require-applicable.ts';
import { setManagedFields } from '../ownership/set-managed-fields.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { checkObjectSize } from '../storage/object-limits.ts';
import { answerWritten } from './create.ts';
import { readConfig } from './read-config.ts';

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
    checkObjectSize(object);
    await giveWay();
    return conform(object, { resource, config });
  };
  const createInstead = async (): Promise<IncomingObject> => {
    const object = await make();
    delete object.metadata.resourceVersion;
    return object;
  };
  const replaced = await replaceObject(call, {
    change: make,
    options,
    isApply: true,
    ...(call.target.subresource === '' ? { createInstead } : {}),
  });
  return answerWritten(call, representation, replaced);
}

/**
 * Makes a merged object what a decoded one is: values in their usual spelling, nothing that says nothing. That it has
 * only fields of its schema was looked at when it was merged, so only values may be wrong here.
 */
function conform(
  object: KubernetesObject,
  { resource, config }: { readonly resource: ServedResource; readonly config: KubernetesObject },
): IncomingObject {
  const { schema, kind, unknownFields } = resource;
  const conformed = { schema, kind, isUnstructured: true };
  // What was not applied is shared with the stored object until here.
  const draft = draftOf(object);
  const { typeError } = unknownFieldWalkers[unknownFields](draft, conformed);
  if (typeError !== undefined) throw cannotConvert(config, resource, typeError);
  setManagedFields(draft.metadata, object.metadata?.managedFields);
  return draft;
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
