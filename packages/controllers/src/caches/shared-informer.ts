import type { InForm } from '@fairway/client';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import {
  type ControllerWatch,
  type Informer,
  type Informers,
  withoutManagedFields,
} from '@fairway/reconcile';
import { objectIndexes } from './object-indexes.ts';

/** Which objects of a kind, and whether all of them; every object as a whole when absent. */
type SharedSelection<F extends 'object' | 'metadata'> = Pick<
  ControllerWatch,
  'namespace' | 'labelSelector' | 'fieldSelector'
> & { readonly as?: F };

/**
 * The objects of a kind, in the one form that all controllers share: without managed fields, to be found
 * by `ownedBy`, `orphansIn` and `inNamespace`.
 */
export function sharedInformer<
  T extends KubernetesObject,
  F extends 'object' | 'metadata' = 'object',
>(
  informers: Informers,
  kind: ResourceDescriptor<T>,
  selection: SharedSelection<F> = {},
): Informer<InForm<T, F>> {
  const allNamespaces = selection.namespace === undefined;
  const cache = { ...selection, allNamespaces, keep: withoutManagedFields, index: objectIndexes };
  return informers.of(kind as ResourceDescriptor, cache) as Informer<never> as Informer<
    InForm<T, F>
  >;
}

/** Lets changes of such objects call for work: a controller's watch over `sharedInformer`. */
export function watchShared(
  kind: ResourceDescriptor,
  keysOf: ControllerWatch['keysOf'],
  selection: SharedSelection<'object' | 'metadata'> = {},
): ControllerWatch {
  return { ...selection, kind, keysOf, keep: withoutManagedFields };
}
