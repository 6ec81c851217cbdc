import type {
  ObjectReference,
  PersistentVolume,
  PersistentVolumeClaim,
} from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  labelsOf,
  matchesLabelSelector,
  parseQuantity,
  writtenSelector,
} from '@fairway/protocol';
import { classNameOf } from './volume-annotations.ts';

export type HeldClaim = DeepReadonly<PersistentVolumeClaim>;
export type HeldVolume = DeepReadonly<PersistentVolume>;

/** By this a volume says that it is for a claim, and for no other of its name. */
export function claimRefTo({ metadata }: HeldClaim): ObjectReference {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata ?? {};
  const kind = 'PersistentVolumeClaim';
  return { kind, apiVersion: 'v1', namespace, name, uid, resourceVersion };
}

/** A volume says that it is for a claim: for this one, or for any of its name. */
export function isMeantFor({ spec }: HeldVolume, { metadata }: HeldClaim): boolean {
  const { namespace, name, uid = '' } = spec?.claimRef ?? {};
  if (name === undefined || name !== metadata?.name || namespace !== metadata.namespace)
    return false;
  return uid === '' || uid === metadata.uid;
}

/**
 * The volumes that a claim could be bound to, the smallest first; only the one that is meant for it when there
 * is one.
 *
 * Source: kubernetes.io, Persistent Volumes, "Binding".
 */
export function volumesFor(claim: HeldClaim, volumes: Iterable<HeldVolume>): readonly HeldVolume[] {
  const { selector = {} } = claim.spec ?? {};
  const selected = writtenSelector(selector);
  const fitting: HeldVolume[] = [];
  for (const volume of volumes) {
    const isGoing = volume.metadata?.deletionTimestamp !== undefined;
    if (isGoing || whyUnsuitable(claim, volume) !== undefined) continue;
    if (isMeantFor(volume, claim)) return [volume];
    const isFree = volume.spec?.claimRef === undefined && volume.status?.phase === 'Available';
    if (!isFree || selected === undefined) continue;
    if (matchesLabelSelector(selected, labelsOf(volume))) fitting.push(volume);
  }
  return fitting.sort((one, other) => compareStorage(one, other));
}

/** The volume that a claim gets. One that waits for a node gets only one that is meant for it. */
export function bestVolume(
  claim: HeldClaim,
  volumes: Iterable<HeldVolume>,
  { isWaiting }: { readonly isWaiting: boolean },
): HeldVolume | undefined {
  const [best] = volumesFor(claim, volumes);
  return best === undefined || (isWaiting && !isMeantFor(best, claim)) ? undefined : best;
}

/** Why a volume cannot be that of a claim; undefined when it can. In the words of a real cluster. */
export function whyUnsuitable(claim: HeldClaim, volume: HeldVolume): string | undefined {
  if (isTooSmall(volume, claim)) return 'requested PV is too small';
  if (classNameOf(claim) !== classNameOf(volume)) return 'storageClassName does not match';
  const mode = volume.spec?.volumeMode ?? 'Filesystem';
  if ((claim.spec?.volumeMode ?? 'Filesystem') !== mode) return 'incompatible volumeMode';
  const modes: readonly string[] = volume.spec?.accessModes ?? [];
  const isReachable = (claim.spec?.accessModes ?? []).every((each) => modes.includes(each));
  if (!isReachable) return 'incompatible accessMode';
  const [wanted, found] = [claim, volume].map((each) => each.spec?.volumeAttributesClassName ?? '');
  return wanted === found ? undefined : 'volumeAttributesClassName does not match';
}

/** A volume has less than a claim asks for. */
export function isTooSmall({ spec }: HeldVolume, claim: HeldClaim): boolean {
  return storageOf(claim.spec?.resources?.requests) > storageOf(spec?.capacity);
}

/** A claim asks for more than it has been given. One that has nothing yet waits for that. */
export function wantsMore({ spec, status }: HeldClaim): boolean {
  const { capacity } = status ?? {};
  if (capacity?.['storage'] === undefined) return false;
  return storageOf(spec?.resources?.requests) > storageOf(capacity);
}

function compareStorage(one: HeldVolume, other: HeldVolume): number {
  const difference = storageOf(one.spec?.capacity) - storageOf(other.spec?.capacity);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function storageOf(amounts: Readonly<Record<string, string>> | undefined): bigint {
  return parseQuantity(amounts?.['storage'] ?? '0')?.nanos ?? 0n;
}
