import { type KubernetesObject, type ManagedFieldsEntry, equalsJson } from '@fairway/protocol';

/**
 * Whether all that a write changes is when its owners last wrote: what it had changed was taken back,
 * since the caller may not change it. That is no change.
 *
 * Source: kube-apiserver, `IgnoreManagedFieldsTimestampsTransformer`.
 */
export function differsInTimesOnly(one: KubernetesObject, other: KubernetesObject): boolean {
  const { metadata, ...rest } = one;
  const { metadata: otherMetadata, ...otherRest } = other;
  const { managedFields = [], resourceVersion: _, ...meta } = metadata ?? {};
  const { managedFields: others = [], resourceVersion: __, ...otherMeta } = otherMetadata ?? {};
  if (managedFields.length !== others.length) return false;
  const isLater = managedFields.some((entry, at) => entry.time !== others[at]?.time);
  const isSame = (entry: ManagedFieldsEntry, at: number): boolean =>
    entry === others[at] || equalsJson(withoutTime(entry), withoutTime(others[at]));
  if (!isLater || !managedFields.every(isSame)) return false;
  return equalsJson(meta, otherMeta) && equalsJson(rest, otherRest);
}

function withoutTime({ time: _, ...entry }: ManagedFieldsEntry = {}): ManagedFieldsEntry {
  return entry;
}
