import type { ManagedFieldsEntry, MetadataDraft } from '@fairway/protocol';

/** Writes who owns what into a draft, last of its metadata as in Kubernetes. */
export function setManagedFields(
  metadata: MetadataDraft,
  entries: readonly ManagedFieldsEntry[] | undefined,
): void {
  delete metadata.managedFields;
  if (entries !== undefined && entries.length > 0) metadata.managedFields = entries;
}
