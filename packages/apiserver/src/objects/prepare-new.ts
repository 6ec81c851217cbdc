import { giveWay } from '@fairway/host';
import {
  badRequest,
  type FieldError,
  formatTime,
  generateName,
  invalid,
  type WriteOptions,
} from '@fairway/protocol';
import { type MetadataScope, validateObjectMeta } from '@fairway/kind-rules';
import { sortMaps } from '@fairway/schema';
import type { ServedResource } from '../registry/served-resource.ts';
import type { Call } from '../calls/call.ts';
import { warn } from '../calls/with-warnings.ts';
import type { WriteParts } from './write-parts.ts';
import { admissionRequest } from './admission-request.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import { checkStoredForm } from './encode-stored.ts';
import { cleanMetadata } from './clean-metadata.ts';
import { settleOwnership } from '../ownership/settle-ownership.ts';
import { setManagedFields } from '../ownership/set-managed-fields.ts';

/**
 * Makes an object that may be stored out of what a caller sent to be created: name, defaults,
 * admission, system metadata, what the kind starts with, validation, admission's last word, in this
 * order.
 *
 * Errors: the `ApiError` that the caller gets. Source: API conventions, "Metadata".
 */
export async function prepareNew(
  call: Call<WriteParts>,
  draft: IncomingObject,
  { options, isApply }: { readonly options: WriteOptions; readonly isApply: boolean },
): Promise<IncomingObject> {
  const { resource, parts } = call;
  const { rules } = resource;
  const { metadata } = draft;
  cleanMetadata(call, draft);
  fitToCollection(call, draft);
  if ((metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '') {
    metadata.name = generateName(metadata.generateName ?? '', parts.random);
  }
  await giveWay();
  rules.applyDefaults?.(draft);
  await giveWay();
  // Nobody owns what admission and the server add.
  if (!isApply) setManagedFields(metadata, await settleOwnership(call, { object: draft, options }));
  await giveWay();
  const name = metadata.name ?? '';
  const admission = admissionRequest(call, { operation: 'CREATE', name, options });
  await parts.admission.admit({ ...admission, draft });
  fitToCollection(call, draft);
  await giveWay();
  // Defaults are applied again, for what admission added.
  rules.applyDefaults?.(draft);
  await giveWay();
  setSystemMetadata(call, draft);
  rules.prepareForCreate?.(draft, (text) => warn(call, [text]));
  if (resource.isBuiltIn) sortMaps(draft, resource.schema);
  await giveWay();
  await checkStoredForm(call, draft);
  const errors = await validateNew(call, draft);
  await giveWay();
  if (errors.length > 0) throw invalid({ ...resource, name }, errors);
  warn(call, rules.warnings?.(draft));
  await parts.admission.validate({ ...admission, object: draft });
  return draft;
}

/**
 * An object belongs to the namespace that it is sent to, if its kind has namespaces.
 *
 * Errors: BadRequest `ApiError` when it names another one.
 */
export function fitToCollection({ resource, target }: Call, { metadata }: IncomingObject): void {
  const namespace = metadata.namespace ?? '';
  if (namespace !== '' && namespace !== target.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if (resource.isNamespaced) metadata.namespace = target.namespace;
  else delete metadata.namespace;
}

function setSystemMetadata(
  { resource, parts }: Call<WriteParts>,
  { metadata }: IncomingObject,
): void {
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  metadata.uid = parts.random.uuid();
  metadata.creationTimestamp = formatTime(parts.clock.now());
  if (resource.strategy.generationCounts === 'states') metadata.generation = 1;
}

async function validateNew(
  { resource, warnings }: Call,
  draft: IncomingObject,
): Promise<readonly FieldError[]> {
  const { rules } = resource;
  const errors = [...validateObjectMeta(draft, scopeOf(resource))];
  await giveWay();
  errors.push(...(rules.validate?.(draft) ?? []));
  await giveWay();
  const warn = (text: string): void => void warnings.push(text);
  errors.push(...((await rules.validateInTurns?.(draft, undefined, warn)) ?? []));
  errors.push(...(rules.validateCreate?.(draft) ?? []));
  return errors;
}

/** What the rules of metadata depend on. */
export function scopeOf(resource: ServedResource): MetadataScope {
  return {
    isNamespaced: resource.isNamespaced,
    checkName: resource.rules.checkName,
    allowsPlainFinalizers: resource.rules.allowsPlainFinalizers === true,
  };
}
