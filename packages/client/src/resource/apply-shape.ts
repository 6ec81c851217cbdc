import type { KubernetesObject, ObjectMeta } from '@fairway/protocol';

/**
 * What apply sends: the fields that the object must have, and no others.
 *
 * Shape: everything may be left out, except the name and, in each item of a list, what the API
 * requires of it: items are found by their keys (`name` of a container, `port` of a service), which
 * are among that. Fields that only a server sets cannot be given; `status` has a subresource.
 */
export type ApplyShape<T extends KubernetesObject> = {
  readonly [Field in Exclude<keyof T, 'metadata' | 'status'>]?: Wanted<T[Field]>;
} & {
  readonly metadata: WantedMetadata & { readonly name: string };
  readonly status?: never;
};

/** What apply sends to a subresource, whose object has been named already. */
export type ApplyPartShape<T extends KubernetesObject> = {
  readonly [Field in Exclude<keyof T, 'metadata'>]?: Wanted<T[Field]>;
} & { readonly metadata?: WantedMetadata };

type Wanted<T> = T extends readonly (infer Item)[]
  ? readonly WantedItem<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]?: Wanted<T[Field]> }
    : T;

// Keeps which fields are optional.
type WantedItem<T> = T extends object ? { readonly [Field in keyof T]: Wanted<T[Field]> } : T;

type WantedMetadata = Omit<ObjectMeta, ServerSetField> & {
  readonly [Field in ServerSetField]?: never;
};

type ServerSetField =
  | 'uid'
  | 'resourceVersion'
  | 'generation'
  | 'creationTimestamp'
  | 'deletionTimestamp'
  | 'deletionGracePeriodSeconds'
  | 'managedFields';
