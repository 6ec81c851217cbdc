import { giveWay } from '@fairway/host';
import {
  ApiError,
  equalsJson,
  failureOf,
  type FieldError,
  type KubernetesObject,
  type WriteOptions,
  badRequest,
  conflict,
  invalid,
  invalidValue,
} from '@fairway/protocol';
import { sortMaps } from '@fairway/schema';
import { validateObjectMeta, validateObjectMetaUpdate } from '@fairway/kind-rules';
import type { ServedResource } from '../registry/served-resource.ts';
import type { Call } from '../calls/call.ts';
import { warn } from '../calls/with-warnings.ts';
import type { WriteParts } from './write-parts.ts';
import { admissionRequest } from './admission-request.ts';
import { scopeOf } from './prepare-new.ts';
import { checkStoredForm } from './encode-stored.ts';
import { cleanMetadata } from './clean-metadata.ts';
import { setManagedFields } from '../ownership/set-managed-fields.ts';
import { settleOwnership } from '../ownership/settle-ownership.ts';
import { storageKey } from '../storage/storage-key.ts';
import { type IncomingObject, asIncoming } from '../content/incoming-object.ts';

interface Update {
  readonly stored: KubernetesObject;
  readonly options: WriteOptions;
  /** Who owns what is settled already. */
  readonly isApply: boolean;
  readonly admissionView?: AdmissionView | undefined;
}

/** What of an object a subresource shows, where it is a kind of its own: admission sees and changes that. */
export interface AdmissionView {
  readonly show: (object: KubernetesObject) => KubernetesObject;
  /** Takes what admission has changed over into the object. */
  readonly takeIn: (draft: IncomingObject, shown: KubernetesObject) => void;
}

/**
 * Makes an object that may take the place of `stored` out of what a caller sent: identity and
 * version checks, defaults, admission, what the kind keeps, validation, admission's last word, in
 * this order.
 */
export async function prepareReplacement(
  call: Call<WriteParts>,
  draft: IncomingObject,
  { stored, options, isApply, admissionView: view }: Update,
): Promise<IncomingObject> {
  const { resource, target, parts } = call;
  checkIdentity(call, draft, stored);
  cleanMetadata(call, draft);
  await giveWay();
  resource.rules.applyDefaults?.(draft);
  await giveWay();
  // Nobody owns what admission and the server add.
  if (!isApply) {
    setManagedFields(
      draft.metadata,
      await settleOwnership(call, { object: draft, stored, options }),
    );
  }
  await giveWay();
  const { name } = target;
  const show = (object: KubernetesObject): KubernetesObject => view?.show(object) ?? object;
  const update = { operation: 'UPDATE', name, stored: show(stored), options } as const;
  const admission = admissionRequest(call, update);
  const shown = show(draft) as IncomingObject;
  await parts.admission.admit({ ...admission, draft: shown });
  view?.takeIn(draft, shown);
  await giveWay();
  // Defaults are applied again, for what admission added.
  resource.rules.applyDefaults?.(draft);
  await giveWay();
  const { managedFields } = draft.metadata;
  const prepareView = resource.rules.prepareForSubresource?.[target.subresource];
  if (target.subresource === 'status') keepAllButStatus(call, draft, stored);
  else {
    const prepare = prepareView ?? resource.rules.prepareForUpdate;
    prepare?.(draft, stored);
    countGeneration(call, draft, stored);
  }
  keepSystemMetadata(draft, stored);
  setManagedFields(draft.metadata, managedFields);
  await giveWay();
  if (call.resource.isBuiltIn) sortMaps(draft, call.resource.schema);
  await checkStoredForm(call, draft);
  const errors = await validateReplacement(call, draft, stored);
  await giveWay();
  if (errors.length > 0) throw invalid({ ...resource, name }, errors);
  if (target.subresource === '') warn(call, resource.rules.warnings?.(draft, stored));
  else if (target.subresource === 'status') warn(call, resource.rules.statusWarnings?.(draft));
  nameVersion(draft, stored);
  await parts.admission.validate({ ...admission, object: show(draft) });
  return draft;
}

/** What was sent without a version follows the one that is stored. */
function nameVersion({ metadata }: IncomingObject, stored: KubernetesObject): void {
  const { resourceVersion } = stored.metadata ?? {};
  if (resourceVersion === undefined || isVersion(metadata.resourceVersion ?? '')) return;
  metadata.resourceVersion = resourceVersion;
}

/**
 * Refuses a body that is another object than the path names, or another than is stored: in its
 * version or, when nothing is, altogether.
 */
export function checkIdentity(call: Call, draft: IncomingObject, stored?: KubernetesObject): void {
  const { resource, target } = call;
  const { name = '', uid = '', resourceVersion = '' } = draft.metadata;
  checkNames(call, draft);
  const subject = { ...resource, name };
  const { uid: storedUid = '', resourceVersion: storedVersion } = stored?.metadata ?? {};
  if (uid !== '' && uid !== storedUid) {
    // A patch was made for whatever is there; a whole object for one that is there no more.
    if (target.verb === 'patch') {
      throw invalid(subject, [invalidValue('metadata.uid', uid, 'field is immutable')]);
    }
    const key = storageKey(resource, target.namespace, name);
    throw conflict(
      subject,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${storedUid}`,
    );
  }
  if (isVersion(resourceVersion) && stored !== undefined && resourceVersion !== storedVersion) {
    throw conflict(subject, modifiedMeanwhile);
  }
}

/** Refuses a body that has another name or namespace than the path. */
export function checkNames({ target }: Call, draft: IncomingObject): void {
  const { name = '', namespace = '' } = draft.metadata;
  if (name !== target.name) {
    throw badRequest(
      name === ''
        ? 'the name of the object must be set to the name on the URL'
        : `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (namespace !== '' && namespace !== target.namespace) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the URL (${target.namespace})`,
    );
  }
}

/**
 * Whether an object was made of a certain version; 0 stands for any.
 *
 * Errors: an `ApiError` without a reason, as in Kubernetes, for what is no version at all.
 */
export function isVersion(resourceVersion: string): boolean {
  if (resourceVersion === '' || resourceVersion === '0') return false;
  if (/^\d+$/.test(resourceVersion)) return true;
  const message = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
  throw new ApiError(failureOf({ message }, 500));
}

/** The message of a Kubernetes API for a write that conflicts with another. */
export const modifiedMeanwhile =
  'the object has been modified; please apply your changes to the latest version and try again';

function keepAllButStatus(
  { resource }: Call,
  draft: IncomingObject,
  stored: KubernetesObject,
): void {
  if (resource.rules.prepareForStatusUpdate !== undefined) {
    resource.rules.prepareForStatusUpdate(draft, stored);
    return;
  }
  const kept = stored as IncomingObject;
  for (const field of Object.keys(draft)) {
    if (field !== 'status' && !(field in kept)) delete draft[field];
  }
  for (const [field, value] of Object.entries(kept)) {
    if (field !== 'status' && field !== 'metadata') draft[field] = value;
  }
  draft.metadata = { ...stored.metadata };
}

function countGeneration(
  { resource }: Call,
  draft: IncomingObject,
  stored: KubernetesObject,
): void {
  const { generation } = stored.metadata ?? {};
  const isCounted = resource.strategy.generationCounts !== undefined;
  const isChanged = isCounted && !isSameState(resource, draft, stored);
  const counted = isChanged ? (generation ?? 0) + 1 : generation;
  if (counted === undefined) delete draft.metadata.generation;
  else draft.metadata.generation = counted;
}

/**
 * Whether two objects have the same desired state. A status counts only where it is not written on
 * its own.
 */
function isSameState(
  { subresources }: ServedResource,
  one: IncomingObject,
  other: KubernetesObject,
): boolean {
  const [left, right] = [stateOf(one), stateOf(asIncoming(other))];
  if (!subresources.has('status')) return equalsJson(left, right);
  return equalsJson({ ...left, status: undefined }, { ...right, status: undefined });
}

function stateOf({ metadata: _, apiVersion: __, kind: ___, ...state }: IncomingObject): object {
  return state;
}

function keepSystemMetadata(draft: IncomingObject, stored: KubernetesObject): void {
  const { metadata } = draft;
  const { namespace, uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } =
    stored.metadata ?? {};
  const kept = {
    namespace,
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
  };
  for (const [field, value] of Object.entries(kept)) {
    if (value === undefined) Reflect.deleteProperty(metadata, field);
    else Reflect.set(metadata, field, value);
  }
}

async function validateReplacement(
  { resource, target, warnings }: Call,
  draft: IncomingObject,
  stored: KubernetesObject,
): Promise<readonly FieldError[]> {
  const { rules } = resource;
  const errors = [...validateObjectMeta(draft, scopeOf(resource))];
  errors.push(...validateObjectMetaUpdate(draft, stored));
  await giveWay();
  errors.push(...(rules.validate?.(draft, stored) ?? []));
  await giveWay();
  // A write that others come between is validated again.
  const warn = (text: string): void => {
    if (!warnings.includes(text)) warnings.push(text);
  };
  errors.push(...((await rules.validateInTurns?.(draft, stored, warn)) ?? []));
  const validateChange = rules.validateSubresource?.[target.subresource] ?? rules.validateUpdate;
  errors.push(...(validateChange?.(draft, stored) ?? []));
  return errors;
}
