import type { Namespace } from '@fairway/kinds/core/v1';

import type { DeletionRules } from '../kind-rules.ts';
import { metadataOf, type ObjectDraft } from '@fairway/protocol';

type NamespaceDraft = ObjectDraft<Namespace>;

/**
 * A namespace stays until the namespace controller has emptied it and has taken the last finalizer
 * off `spec.finalizers`, which are others than those of its metadata.
 * Source: core namespace registry; Kubernetes documentation, "Namespaces".
 */
export const namespaceDeletion: DeletionRules<NamespaceDraft> = {
  isHeld: (namespace) => (namespace.spec?.finalizers ?? []).length > 0,
  begin: (namespace) => {
    namespace.status = { ...namespace.status, phase: 'Terminating' };
    delete metadataOf(namespace).deletionGracePeriodSeconds;
  },
};

/** `/finalize` says which finalizers of the spec are left, and nothing else. */
export function prepareFinalize(draft: NamespaceDraft, stored: NamespaceDraft): void {
  const finalizers = draft.spec?.finalizers;
  draft.spec = { ...stored.spec };
  if (finalizers === undefined) delete draft.spec.finalizers;
  else draft.spec.finalizers = finalizers;
  if (stored.status === undefined) delete draft.status;
  else draft.status = stored.status;
}
