import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  compareQuantities,
  labelsOf,
  matchesLabelSelector,
  parseLabelSelectorObject,
  parseQuantity,
} from '@fairway/protocol';
import { isBeingDeleted } from '@fairway/reconcile';
import { classNameOf } from './volume-annotations.ts';

export type HeldClaim = DeepReadonly<PersistentVolumeClaim>;
export type HeldVolume = DeepReadonly<PersistentVolume>;

/** A volume says that it is for a claim: for this one, or for any of its name. */
export function isMeantFor({ spec }: HeldVolume, { metadata }: HeldClaim): boolean {
  const { namespace, name, uid = '' } = spec?.claimRef ?? {};
  if (name === undefined || name !== metadata?.name || namespace !== metadata.namespace)
    return false;
  return uid === '' || uid === metadata.uid;
}

/**
 * The volume that a claim gets: one that is meant for it, else the smallest that is free and suits. A claim
 * that waits for a node gets only one that is meant for it.
 *
 * Source: kubernetes.io, Persistent Volumes, "Binding".
 */
export function bestVolume(
  claim: HeldClaim,
  volumes: Iterable<HeldVolume>,
  { isWaiting }: { readonly isWaiting: boolean },
): HeldVolume | undefined {
  let best: HeldVolume | undefined;
  for (const volume of volumes) {
    if (isBeingDeleted(volume) || whyUnsuitable(claim, volume) !== undefined) continue;
    if (isMeantFor(volume, claim)) return volume;
    const isFree = volume.spec?.claimRef === undefined && volume.status?.phase === 'Available';
    if (isWaiting || !isFree || !isSelected(claim, volume)) continue;
    if (best === undefined || compareStorage(volume, best) < 0) best = volume;
  }
  return best;
}

/** Why a volume cannot be that of a claim; undefined when it can. In the words of a real cluster. */
export function whyUnsuitable(claim: HeldClaim, volume: HeldVolume): string | undefined {
  if (storageOf(claim.spec?.resources?.requests) > storageOf(volume.spec?.capacity)) {
    return 'requested PV is too small';
  }
  if (classNameOf(claim) !== classNameOf(volume)) return 'storageClassName does not match';
  const mode = volume.spec?.volumeMode ?? 'Filesystem';
  if ((claim.spec?.volumeMode ?? 'Filesystem') !== mode) return 'incompatible volumeMode';
  const modes: readonly string[] = volume.spec?.accessModes ?? [];
  const isReachable = (claim.spec?.accessModes ?? []).every((each) => modes.includes(each));
  if (!isReachable) return 'incompatible accessMode';
  const [wanted, found] = [claim, volume].map((each) => each.spec?.volumeAttributesClassName ?? '');
  return wanted === found ? undefined : 'volumeAttributesClassName does not match';
}

function isSelected({ spec }: HeldClaim, volume: HeldVolume): boolean {
  return matchesLabelSelector(parseLabelSelectorObject(spec?.selector ?? {}), labelsOf(volume));
}

function compareStorage(one: HeldVolume, other: HeldVolume): number {
  const [left, right] = [one, other].map(({ spec }) =>
    parseQuantity(spec?.capacity?.['storage'] ?? '0'),
  );
  return left === undefined || right === undefined ? 0 : compareQuantities(left, right);
}

function storageOf(amounts: Readonly<Record<string, string>> | undefined): bigint {
  return parseQuantity(amounts?.['storage'] ?? '0')?.nanos ?? 0n;
}
