import type { KubernetesObject, ObjectMeta } from './object-meta.ts';

/**
 * A part of an object that was just decoded: it is not shared, and every field may be missing, also
 * those that the API requires.
 */
export type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? string extends keyof T
      ? { [Key in keyof T]: Draft<T[Key]> }
      : { -readonly [Key in keyof T]?: Draft<T[Key]> }
    : T;

/** Metadata that may still be changed. */
export type MetadataDraft = { -readonly [Key in keyof ObjectMeta]: ObjectMeta[Key] };

/** A whole object that may still be changed. */
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
