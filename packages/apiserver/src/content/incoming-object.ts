import {
  type JsonObject,
  type KubernetesObject,
  type MetadataDraft,
  copyJson,
} from '@fairway/protocol';

/**
 * A draft of any kind on its way in: freshly decoded, held by one request, and therefore changed in
 * place until it is encoded. It has metadata, and fields that are not known here.
 */
export interface IncomingObject {
  apiVersion?: string;
  kind?: string;
  metadata: MetadataDraft;
  [field: string]: unknown;
}

/** Takes a decoded object in; one without metadata gets some. */
export function asIncoming(object: KubernetesObject): IncomingObject {
  const incoming = object as IncomingObject;
  incoming.metadata ??= {};
  return incoming;
}

/** An object as a draft of its own, without `managedFields`: one that is silent on them changes none. */
export function draftOf(object: KubernetesObject): IncomingObject {
  return asIncoming(
    copyJson(withoutManagedFields(object) as unknown as JsonObject) as KubernetesObject,
  );
}

/** Who owns what is read for nothing where only the rest of an object counts. Copies nothing. */
export function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}
