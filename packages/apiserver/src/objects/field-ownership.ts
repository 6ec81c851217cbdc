import type { IncomingObject } from '../content/incoming-object.ts';

/**
 * Decides what `metadata.managedFields` of an object says that is about to be stored.
 *
 * Who owns which field is not tracked yet (docs/gaps.md), and what callers claim is not kept.
 * Source: Kubernetes, "Server-Side Apply", field management.
 */
export function settleOwnership({ metadata }: IncomingObject): void {
  delete metadata.managedFields;
}
