import type { KubernetesObject } from './object-meta.ts';

/**
 * What it takes to address a resource: a literal of a few words, so that importing `Pod` costs
 * nothing else. `T` is the type of its objects and exists only for the compiler.
 */
export interface ResourceDescriptor<T extends KubernetesObject = KubernetesObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** Never present at run time. */
  readonly objectType?: T;
}

/** A version of a group of resources. The core group is empty. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `/apis/apps/v1`, or `/api/v1` for the core group: below it lies all that there is of the version. */
export function groupVersionPath({ group, version }: GroupVersion): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** `deployments.apps`, or `pods` for the core group: the name that error messages use. */
export function groupResourceOf(resource: {
  readonly group: string;
  readonly plural: string;
}): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}
