import type { Secret } from '@fairway/host';

/** A list of a kubeconfig file. */
export type KubeconfigSection = 'clusters' | 'users' | 'contexts';

/** Undefined takes a field away; a mapping is laid over the one that is there. */
export interface EditedFields {
  readonly [field: string]: EditedValue | undefined;
}

/** What a field can be given. */
export type EditedValue = string | number | boolean | Secret | readonly unknown[] | EditedFields;
