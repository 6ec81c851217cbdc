import type { CompleteDraft, KubernetesObject } from '@fairway/protocol';

/** For the `keep` of a cache: all of an object but who owns its fields, which is half of its size. */
export function withoutManagedFields<T extends KubernetesObject>(object: CompleteDraft<T>): T {
  // A draft is an object of its type that may be changed; the compiler does not see it of a type variable.
  const kept = object as KubernetesObject as T;
  if (kept.metadata?.managedFields === undefined) return kept;
  const { managedFields: _, ...metadata } = kept.metadata;
  return { ...kept, metadata };
}
