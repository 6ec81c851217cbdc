import type { InForm } from '@fairway/client';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import {
  type ControllerWatch,
  type Informer,
  type Informers,
  type LeanOptions,
  leanInformer,
  withoutManagedFields,
} from '@fairway/reconcile';
import { objectIndexes } from './object-indexes.ts';

/** Which objects of a kind, and whether all of them; every object as a whole when absent. */
type SharedSelection<F extends 'object' | 'metadata'> = Omit<LeanOptions<F>, 'index'>;

/** The objects of a kind in the form that is shared, to be found by `ownedBy` and `orphansIn` as well. */
export function sharedInformer<
  T extends KubernetesObject,
  F extends 'object' | 'metadata' = 'object',
>(
  informers: Informers,
  kind: ResourceDescriptor<T>,
  selection: SharedSelection<F> = {},
): Informer<InForm<T, F>> {
  return leanInformer(informers, kind, { ...selection, index: objectIndexes });
}

/** Lets changes of such objects call for work: a controller's watch over `sharedInformer`. */
export function watchShared(
  kind: ResourceDescriptor,
  keysOf: ControllerWatch['keysOf'],
  selection: SharedSelection<'object' | 'metadata'> = {},
): ControllerWatch {
  return { ...selection, kind, keysOf, keep: withoutManagedFields };
}
