import type { OwnerReference } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { IncomingObject } from '../content/incoming-object.ts';

/**
 * Drops metadata that is never stored: `selfLink`, and repeated owner references, with a warning
 * for those. Source: kube-apiserver, the generic registry.
 */
export function cleanMetadata({ warnings }: Call, { metadata }: IncomingObject): void {
  Reflect.deleteProperty(metadata, 'selfLink');
  const { ownerReferences = [] } = metadata;
  const distinct = new Map<string, OwnerReference>();
  const repeated: string[] = [];
  for (const reference of ownerReferences) {
    const key = identityOf(reference);
    if (distinct.has(key)) repeated.push(reference.uid);
    else distinct.set(key, reference);
  }
  if (repeated.length === 0) return;
  metadata.ownerReferences = [...distinct.values()];
  const list = repeated.slice(0, warnedMax).join(', ');
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${list}`,
  );
}

/** More do not fit into a header. */
const warnedMax = 50;

function identityOf(reference: OwnerReference): string {
  const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = reference;
  return JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion]);
}
