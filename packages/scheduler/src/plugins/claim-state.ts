import type { PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { type DeepReadonly, annotationsOf } from '@fairway/protocol';
import { bindCompleted, classNameOf } from '@fairway/kind-rules/volumes';
import type { ClusterObjects } from '../snapshot/cluster-objects.ts';
import type { PodClaim, PodFacts } from '../snapshot/pod-facts.ts';

type AnyClaim = DeepReadonly<PersistentVolumeClaim>;

/** A claim of a pod that is to be scheduled. */
export type ClaimState =
  /** `volume`: the name of what it is bound to. */
  | { readonly kind: 'bound'; readonly claim: AnyClaim; readonly volume: string }
  /** It is bound once its pod has a node. */
  | { readonly kind: 'waits for its pod'; readonly claim: AnyClaim }
  /** Somebody else is about to bind it. */
  | { readonly kind: 'waits for its volume' }
  /** The pod cannot be scheduled as things are. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** Source: Kubernetes documentation, persistent volumes and storage classes, volume binding mode. */
export function claimState(
  { key, name, isEphemeral }: PodClaim,
  pod: PodFacts,
  objects: ClusterObjects,
): ClaimState {
  const claim = objects.claims.get(key);
  const quoted = JSON.stringify(name);
  const unusable = (reason: string): ClaimState => ({ kind: 'unusable', reason });
  if (claim === undefined) {
    return unusable(
      isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`
        : `persistentvolumeclaim ${quoted} not found`,
    );
  }
  const volume = claim.spec?.volumeName ?? '';
  if (claim.status?.phase === 'Lost') {
    return unusable(
      `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${JSON.stringify(volume)}`,
    );
  }
  if (claim.metadata?.deletionTimestamp !== undefined) {
    return unusable(`persistentvolumeclaim ${quoted} is being deleted`);
  }
  if (isEphemeral && claim.metadata?.ownerReferences?.some(({ uid }) => uid === pod.uid) !== true) {
    return unusable(`PVC ${key} was not created for pod ${pod.key} (pod is not owner)`);
  }
  if (isBound(claim)) return { kind: 'bound', claim, volume };
  return volume === '' && isBoundLate(claim, objects)
    ? { kind: 'waits for its pod', claim }
    : { kind: 'waits for its volume' };
}

export function isBound(claim: AnyClaim): boolean {
  return (claim.spec?.volumeName ?? '') !== '' && bindCompleted in annotationsOf(claim);
}

function isBoundLate(claim: AnyClaim, { storageClasses }: ClusterObjects): boolean {
  const name = classNameOf(claim);
  return name !== '' && storageClasses.get(name)?.volumeBindingMode === 'WaitForFirstConsumer';
}
