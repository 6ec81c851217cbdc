import {
  checkDnsLabel,
  checkQualifiedName,
  type FieldError,
  invalidValue,
  metadataOf,
  type ObjectDraft,
} from '@fairway/protocol';
import type { Namespace } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { FieldErrors } from '../field-checks.ts';
import { namespaceDeletion, prepareFinalize } from './namespace-deletion.ts';
import { statusRules } from './status-subresource.ts';
import { expectStandardFinalizer } from '../metadata/validate-object-meta.ts';

type NamespaceDraft = ObjectDraft<Namespace>;

const nameLabel = 'kubernetes.io/metadata.name';
const status = statusRules<NamespaceDraft>(() => ({ phase: 'Active' }));

/**
 * Every namespace gets a label with its own name, so that selectors can name it.
 * Source: v1 Namespace; core validation, ValidateNamespace; KEP-2161.
 */
export const namespaceRules: KindRules<NamespaceDraft> = {
  checkName: checkDnsLabel,
  applyDefaults: (namespace) => {
    namespace.spec ??= {};
    namespace.status ??= {};
    namespace.status.phase ??= 'Active';
    const metadata = metadataOf(namespace);
    if (metadata.name && metadata.labels?.[nameLabel] !== metadata.name) {
      metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
    }
  },
  prepareForCreate: (namespace) => {
    status.prepareForCreate(namespace);
    namespace.spec ??= {};
    const finalizers = namespace.spec.finalizers ?? [];
    if (!finalizers.includes('kubernetes')) {
      namespace.spec.finalizers = [...finalizers, 'kubernetes'];
    }
  },
  /** Finalizers of the spec go through `/finalize` only. */
  prepareForUpdate: (namespace, stored) => {
    status.prepareForUpdate(namespace, stored);
    namespace.spec ??= {};
    if (stored.spec?.finalizers) namespace.spec.finalizers = stored.spec.finalizers;
    else delete namespace.spec.finalizers;
  },
  prepareForStatusUpdate: status.prepareForStatusUpdate,
  validate,
  validateUpdate,
  prepareForSubresource: { finalize: prepareFinalize },
  deletion: namespaceDeletion,
  fieldLabels: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
};

function validate(namespace: NamespaceDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  for (const name of namespace.spec?.finalizers ?? []) {
    const wrong = checkQualifiedName(name);
    if (wrong !== undefined) errors.push(invalidValue('spec.finalizers', name, wrong));
    expectStandardFinalizer(name, 'spec.finalizers', errors);
  }
  return errors;
}

function validateUpdate(namespace: NamespaceDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const isDeleted = Boolean(namespace.metadata?.deletionTimestamp);
  const expected = isDeleted ? 'Terminating' : 'Active';
  const phase = namespace.status?.phase ?? '';
  if (phase !== expected) {
    const when = isDeleted ? 'not empty' : 'empty';
    const text = `may only be '${expected}' if \`deletionTimestamp\` is ${when}`;
    errors.push(invalidValue('status.Phase', phase, text));
  }
  return errors;
}
