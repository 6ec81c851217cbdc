import type { KubernetesObject, MetadataDraft } from '@fairway/protocol';

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
