/**
 * Objects are read-only wherever they are shared, also in their types. A draft is one that nobody
 * else holds yet, and that may be changed: these are its types.
 */
import type { KubernetesObject, ObjectMeta } from './object-meta.ts';

/**
 * An object as a server has answered it, that may be changed: what the API requires is there.
 *
 * Shape: as `T`, without `readonly` at any depth. A draft can be given wherever a `T` is wanted.
 */
export type CompleteDraft<T> = T extends object
  ? { -readonly [Key in keyof T]: CompleteDraft<T[Key]> }
  : T;

/** The same type, read-only at any depth: what many hold at the same time. */
export type DeepReadonly<T> = T extends object
  ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
  : T;

/**
 * A part of an object that a caller has sent, that may be changed: every field may be missing, also
 * those that the API requires.
 */
export type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? string extends keyof T
      ? { -readonly [Key in keyof T]: Draft<T[Key]> }
      : { -readonly [Key in keyof T]?: Draft<T[Key]> }
    : T;

/** Metadata that may still be changed. */
export type MetadataDraft = { -readonly [Key in keyof ObjectMeta]: ObjectMeta[Key] };

/** A whole object that a caller has sent, that may be changed. */
export type ObjectDraft<T extends KubernetesObject> = {
  -readonly [Key in Exclude<keyof T, keyof KubernetesObject>]?: Draft<T[Key]>;
} & { apiVersion?: string; kind?: string; metadata?: MetadataDraft };

/** The labels of an object, or none. */
export function labelsOf(object: {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
}): Readonly<Record<string, string>> {
  return object.metadata?.labels ?? {};
}

/** The annotations of an object, or none. */
export function annotationsOf(object: {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}): Readonly<Record<string, string>> {
  return object.metadata?.annotations ?? {};
}

/** The metadata of a draft, made when it has none. */
export function metadataOf(draft: { metadata?: MetadataDraft }): MetadataDraft {
  draft.metadata ??= {};
  return draft.metadata;
}
