import type { KubernetesObject, ObjectMeta } from '@fairway/protocol';

/**
 * An object on its way in: freshly decoded, held by one request, and therefore changed in place
 * until it is encoded.
 */
export interface IncomingObject {
  apiVersion?: string;
  kind?: string;
  metadata: DraftMeta;
  [field: string]: unknown;
}

type DraftMeta = { -readonly [Field in keyof ObjectMeta]: ObjectMeta[Field] };

/** Takes a decoded object in; one without metadata gets some. */
export function asIncoming(object: KubernetesObject): IncomingObject {
  const incoming = object as IncomingObject;
  incoming.metadata ??= {};
  return incoming;
}
