import type { InForm } from '@fairway/client';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import {
  type Controller,
  type ControllerOptions,
  type Reconcile,
  createController,
  withoutManagedFields,
} from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';

/** How one controller of the cluster works; what all of them share is in its parts. */
export interface SharedControllerOptions<T extends KubernetesObject> extends Omit<
  ControllerOptions<T>,
  'name' | 'informers' | 'recorder' | 'logger' | 'keep' | 'elector'
> {
  readonly reconcile: Reconcile<T>;
}

/** Makes a controller for a kind over the caches that all controllers of the cluster share. */
export function sharedController<
  T extends KubernetesObject,
  F extends 'object' | 'metadata' = 'object',
>(
  { name, client, informers, recorder, logger }: ControllerParts,
  kind: ResourceDescriptor<T>,
  options: SharedControllerOptions<InForm<T, F>> & { readonly as?: F },
): Controller {
  const shared = { name, informers, recorder, logger, keep: withoutManagedFields };
  return createController<T, F>(client, kind, { ...shared, ...options });
}
