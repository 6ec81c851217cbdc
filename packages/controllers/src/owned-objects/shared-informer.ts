import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import type { ControllerWatch, Informer, Informers } from '@fairway/reconcile';
import { byOwner, ownerIndex } from './object-owner.ts';
import { withoutManagedFields } from './without-managed-fields.ts';

/** The name of the index of objects by their namespace. */
export const namespaceIndex = 'namespace';

/**
 * Every object of a kind, in the one form that all workload controllers share: without managed fields,
 * to be found by `ownerIndex` and `namespaceIndex`.
 */
export function sharedInformer<T extends KubernetesObject>(
  informers: Informers,
  kind: ResourceDescriptor<T>,
): Informer<T> {
  const index = { [ownerIndex]: byOwner, [namespaceIndex]: byNamespace };
  const cache = { allNamespaces: true, keep: withoutManagedFields, index };
  return informers.of(kind as ResourceDescriptor, cache) as Informer<never> as Informer<T>;
}

/** Lets changes of such objects call for work: a controller's watch over `sharedInformer`. */
export function watchShared(
  kind: ResourceDescriptor,
  keysOf: ControllerWatch['keysOf'],
): ControllerWatch {
  return { kind, keep: withoutManagedFields, keysOf };
}

function byNamespace({ metadata }: DeepReadonly<KubernetesObject>): string {
  return metadata?.namespace ?? '';
}
