import { type KubernetesObject, type ManagedFieldsEntry, equalsJson } from '@fairway/protocol';
import { fieldsTextOf } from '../storage/managed-fields-text.ts';
import { keyOfEntry } from './managed-fields.ts';

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
  if (!isLater || !managedFields.every((entry, at) => isSameOwner(entry, others[at]))) return false;
  return equalsJson(meta, otherMeta) && equalsJson(rest, otherRest);
}

function isSameOwner(one: ManagedFieldsEntry, other: ManagedFieldsEntry | undefined): boolean {
  if (one === other || other === undefined) return one === other;
  if (keyOfEntry(one) !== keyOfEntry(other) || one.apiVersion !== other.apiVersion) return false;
  return fieldsTextOf(one) === fieldsTextOf(other);
}
