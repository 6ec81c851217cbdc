import {
  qualifiedNameErrors,
  type FieldError,
  forbiddenField,
  invalidValue,
  type KubernetesObject,
  type ObjectMeta,
  type OwnerReference,
  required,
  tooLong,
  equalsJson,
} from '@fairway/protocol';

import { collectErrors } from '../bound-errors.ts';
import type { NameCheck } from '../kind-rules.ts';
import {
  expectLabels,
  expectNonNegative,
  FieldErrors,
  immutableText,
  expectNoneOf,
  expectQualifiedName,
} from '../field-checks.ts';

/** All annotations of one object together, keys and values. */
const annotationBytesMax = 256 * 1024;

/** What the rules of metadata depend on. */
export interface MetadataScope {
  readonly isNamespaced: boolean;
  readonly checkName: NameCheck;
  readonly allowsPlainFinalizers?: boolean;
}

/** All that is wrong with an object's metadata. Source: apimachinery, ValidateObjectMeta. */
export function validateObjectMeta(
  object: KubernetesObject,
  scope: MetadataScope,
): readonly FieldError[] {
  return collectErrors(() => checkObjectMeta(object, scope));
}

function checkObjectMeta(object: KubernetesObject, scope: MetadataScope): FieldErrors {
  const errors = new FieldErrors();
  const meta = object.metadata ?? {};
  if (meta.generateName) {
    const wrong = scope.checkName(meta.generateName, { isPrefix: true });
    if (wrong !== undefined) {
      errors.push(invalidValue('metadata.generateName', meta.generateName, wrong));
    }
  }
  if (!meta.name) {
    errors.push(required('metadata.name', 'name or generateName is required'));
  } else {
    const wrong = scope.checkName(meta.name, { isPrefix: false });
    if (wrong !== undefined) errors.push(invalidValue('metadata.name', meta.name, wrong));
  }
  if (scope.isNamespaced) {
    if (!meta.namespace) errors.push(required('metadata.namespace'));
  } else if (meta.namespace) {
    errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  }
  expectNonNegative(meta.generation, 'metadata.generation', errors);
  validateFreeMetadata(meta, scope, errors);
  return errors;
}

/**
 * What is wrong with a change of metadata, to be reported beside `validateObjectMeta`.
 *
 * Source: apimachinery, ValidateObjectMetaUpdate. The caller has filled uid, creationTimestamp and
 * deletionTimestamp from the stored object where the request left them out.
 */
export function validateObjectMetaUpdate(
  object: KubernetesObject,
  stored: KubernetesObject,
): readonly FieldError[] {
  return collectErrors(() => checkObjectMetaUpdate(object, stored));
}

function checkObjectMetaUpdate(object: KubernetesObject, stored: KubernetesObject): FieldErrors {
  const errors = new FieldErrors();
  const meta = object.metadata ?? {};
  const old = stored.metadata ?? {};
  if (old.deletionTimestamp) {
    const before = new Set(old.finalizers);
    const added = (meta.finalizers ?? []).filter((name) => !before.has(name));
    if (added.length > 0) {
      const list = added.map((name) => JSON.stringify(name)).join(', ');
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
        ),
      );
    }
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(
      invalidValue('metadata.generation', meta.generation ?? 0, 'must not be decremented'),
    );
  }
  for (const name of fixedFields) {
    if (!equalsJson(meta[name], old[name])) {
      errors.push(invalidValue(`metadata.${name}`, meta[name] ?? null, immutableText));
    }
  }
  return errors;
}

const fixedFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const satisfies readonly (keyof ObjectMeta)[];

function validateFreeMetadata(meta: ObjectMeta, scope: MetadataScope, errors: FieldErrors): void {
  expectLabels(meta.labels, 'metadata.labels', errors);
  validateAnnotations(meta.annotations, 'metadata.annotations', errors);
  validateOwnerReferences(meta.ownerReferences ?? [], errors);
  const finalizers = meta.finalizers ?? [];
  validateFinalizers(finalizers, errors);
  if (scope.allowsPlainFinalizers === true) return;
  finalizers.forEach((name, index) => {
    expectStandardFinalizer(name, `metadata.finalizers[${index}]`, errors);
  });
}

/** Keys and total size of annotations. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!annotations) return;
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    expectNoneOf(qualifiedNameErrors(key.toLowerCase()), { value: key, field }, errors);
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  }
  if (bytes > annotationBytesMax) errors.push(tooLong(field, annotationBytesMax));
}

function validateOwnerReferences(owners: readonly OwnerReference[], errors: FieldErrors): void {
  const field = 'metadata.ownerReferences';
  let controller: string | undefined;
  for (const owner of owners) {
    validateOwnerReference(owner, field, errors);
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller !== undefined) {
      errors.push(
        invalidValue(
          field,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      );
    }
    controller = name;
  }
}

function validateOwnerReference(owner: OwnerReference, field: string, errors: FieldErrors): void {
  const [version = '', , ...more] = (owner.apiVersion ?? '').split('/').reverse();
  // One that cannot be read counts as none.
  if (version === '' || more.length > 0) {
    errors.push(
      invalidValue(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'),
    );
  }
  if (!owner.kind) errors.push(invalidValue(`${field}.kind`, '', 'must not be empty'));
  if (!owner.name) errors.push(invalidValue(`${field}.name`, '', 'must not be empty'));
  if (!owner.uid) errors.push(invalidValue(`${field}.uid`, '', 'must not be empty'));
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    errors.push(invalidValue(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
  }
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validateFinalizers(finalizers: readonly string[], errors: FieldErrors): void {
  const field = 'metadata.finalizers';
  for (const name of finalizers) {
    expectQualifiedName(name, field, errors);
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(
      invalidValue(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  }
}

/** A finalizer without a domain must be one of the few that Kubernetes itself knows. */
export function expectStandardFinalizer(name: string, field: string, errors: FieldErrors): void {
  if (!name.includes('/') && !standardFinalizers.includes(name)) {
    errors.push(
      invalidValue(
        field,
        name,
        'name is neither a standard finalizer name nor is it fully qualified',
      ),
    );
  }
}
