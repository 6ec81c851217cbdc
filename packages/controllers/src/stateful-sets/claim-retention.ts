import { StatefulSet } from '@fairway/kinds/apps/v1';
import { Pod } from '@fairway/kinds/core/v1';
import {
  type OwnerReference,
  type KubernetesObject,
  type ResourceDescriptor,
} from '@fairway/protocol';
import { controllerReference, refersTo } from '@fairway/reconcile';
import { type AnyClaim, type AnyPod, type AnySet, isWanted, ordinalOf } from './pod-identity.ts';

/**
 * The owners that a claim must have for garbage collection to do what its set's policy says; undefined when
 * it has them. A claim that goes with the set is the set's, one that goes with a pod that is not wanted any
 * more is that pod's, and one that stays is nobody's.
 *
 * Source: kubernetes.io, StatefulSet, "PersistentVolumeClaim retention".
 */
export function ownersToSet(
  claim: AnyClaim,
  members: { readonly set: AnySet; readonly pod: AnyPod },
): readonly OwnerReference[] | undefined {
  const references = claim.metadata?.ownerReferences ?? [];
  const others = references.filter((reference) => !isOfMembers(reference, members));
  const owner = hasRival(claim, members) ? undefined : wantedOwner(members);
  const wanted = owner === undefined ? others : [...others, owner];
  const isThere = (one: OwnerReference): boolean =>
    references.some((each) => each.uid === one.uid && each.controller === one.controller);
  return references.length === wanted.length && wanted.every(isThere) ? undefined : wanted;
}

/** The owners that a claim is made with. */
export function firstOwners(set: AnySet, ordinal: number): readonly OwnerReference[] {
  const { whenDeleted } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  return whenDeleted === 'Delete' && isWanted(set, ordinal) ? [referenceTo(StatefulSet, set)] : [];
}

/** Somebody else controls a claim that the policy would have deleted: it is theirs. */
export function hasRival(
  claim: AnyClaim,
  members: { readonly set: AnySet; readonly pod: AnyPod },
): boolean {
  if (!deletesAny(members.set)) return false;
  const references = claim.metadata?.ownerReferences ?? [];
  return references.some(
    (reference) => reference.controller === true && !isOfMembers(reference, members),
  );
}

/** A claim that goes with a pod that had this name before: it is about to be deleted. */
export function isStale(claim: AnyClaim, set: AnySet, podName: string): boolean {
  if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
  const references = claim.metadata?.ownerReferences ?? [];
  return references.some((reference) => names(reference, Pod, podName));
}

function wantedOwner({
  set,
  pod,
}: {
  readonly set: AnySet;
  readonly pod: AnyPod;
}): OwnerReference | undefined {
  const policy = set.spec?.persistentVolumeClaimRetentionPolicy;
  const ordinal = ordinalOf(set, pod);
  const isLeaving = ordinal !== undefined && !isWanted(set, ordinal);
  if (isLeaving && policy?.whenScaled === 'Delete') return referenceTo(Pod, pod);
  if (policy?.whenDeleted === 'Delete') return referenceTo(StatefulSet, set);
  return undefined;
}

function deletesAny({ spec }: AnySet): boolean {
  const { whenDeleted, whenScaled } = spec?.persistentVolumeClaimRetentionPolicy ?? {};
  return whenDeleted === 'Delete' || whenScaled === 'Delete';
}

/** Also of a set or a pod that had the name before. */
function isOfMembers(
  reference: OwnerReference,
  { set, pod }: { readonly set: AnySet; readonly pod: AnyPod },
): boolean {
  return (
    names(reference, StatefulSet, set.metadata?.name ?? '') ||
    names(reference, Pod, pod.metadata?.name ?? '')
  );
}

function names(reference: OwnerReference, kind: ResourceDescriptor, name: string): boolean {
  return refersTo(reference, kind) && reference.name === name;
}

function referenceTo(kind: ResourceDescriptor, object: AnySet | AnyPod): OwnerReference {
  return controllerReference(kind, object as KubernetesObject);
}
