import { matchesNodeSelector } from '@fairway/kind-rules/pods';
import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  type Quantity,
  compareQuantities,
  matchesLabelSelector,
  parseQuantity,
} from '@fairway/protocol';
import type { NodeFacts } from '../snapshot/node-facts.ts';
import { writtenSelector } from '../snapshot/written-selector.ts';

type AnyVolume = DeepReadonly<PersistentVolume>;
type AnyClaim = DeepReadonly<PersistentVolumeClaim>;

/**
 * The volumes that a claim could be bound to, the smallest first; only the one that is kept for it when
 * there is one.
 *
 * Source: Kubernetes documentation, persistent volumes, binding.
 */
export function volumesFor(claim: AnyClaim, volumes: Iterable<AnyVolume>): readonly AnyVolume[] {
  const wanted = amount(claim.spec?.resources?.requests?.['storage']);
  const selector = claim.spec?.selector === undefined ? [] : writtenSelector(claim.spec.selector);
  const fitting: AnyVolume[] = [];
  for (const volume of volumes) {
    if (!isOfSort(volume, claim) || sizeOf(volume) < wanted) continue;
    if (isKeptFor(volume, claim)) return [volume];
    if (volume.spec?.claimRef !== undefined || volume.status?.phase !== 'Available') continue;
    if (selector === undefined || !matchesLabelSelector(selector, volume.metadata?.labels))
      continue;
    fitting.push(volume);
  }
  return fitting.sort((one, other) => compareSizes(sizeOf(one), sizeOf(other)));
}

/** Whether a node reaches a volume. */
export function isReached({ spec }: AnyVolume, node: NodeFacts): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

function isOfSort({ metadata, spec }: AnyVolume, claim: AnyClaim): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false;
  const wanted = claim.spec;
  const modes: readonly string[] = spec?.accessModes ?? [];
  return (
    (spec?.volumeMode ?? 'Filesystem') === (wanted?.volumeMode ?? 'Filesystem') &&
    (spec?.storageClassName ?? '') === (wanted?.storageClassName ?? '') &&
    (spec?.volumeAttributesClassName ?? '') === (wanted?.volumeAttributesClassName ?? '') &&
    (wanted?.accessModes ?? []).every((mode) => modes.includes(mode))
  );
}

function isKeptFor({ spec }: AnyVolume, { metadata }: AnyClaim): boolean {
  const kept = spec?.claimRef;
  if (kept?.name !== metadata?.name || kept?.namespace !== metadata?.namespace) return false;
  return kept?.uid === undefined || kept.uid === '' || kept.uid === metadata?.uid;
}

function sizeOf({ spec }: AnyVolume): bigint {
  return amount(spec?.capacity?.['storage']);
}

function amount(text: string | number | undefined): bigint {
  const quantity = text === undefined ? undefined : parseQuantity(String(text));
  return quantity?.nanos ?? 0n;
}

function compareSizes(one: bigint, other: bigint): number {
  const as = (nanos: bigint): Quantity => ({ nanos, format: 'BinarySI' });
  return compareQuantities(as(one), as(other));
}
