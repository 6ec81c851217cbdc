import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { StorageClass } from '@fairway/kinds/storage/v1';
import { type DeepReadonly, annotationsOf } from '@fairway/protocol';
import { classNameOf, selectedNode, volumesFor } from '@fairway/kind-rules/volumes';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeFacts } from '../snapshot/node-facts.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { VolumePlan } from '../snapshot/volume-reservations.ts';
import { claimState } from './claim-state.ts';
import { isReached } from './reached-volume.ts';
import { type Plugin, type Refusal, lasting, refusePod } from './plugin.ts';
import { hasRoomFor } from './storage-room.ts';

type AnyVolume = DeepReadonly<PersistentVolume>;
type AnyClaim = DeepReadonly<PersistentVolumeClaim>;

const missing = lasting(
  'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
);
const unreached = lasting("node(s) didn't match PersistentVolume's node affinity");
const unavailable = lasting("node(s) didn't find available persistent volumes to bind");
const full = lasting('node(s) did not have enough free storage');

/** Puts pods where their volumes are reached, or where volumes can be had for their claims. */
export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  filter: (pod, snapshot) => {
    if (pod.claims.length === 0) return undefined;
    const claims = sortClaims(pod, snapshot);
    if ('reason' in claims) return refusePod(claims.reason);
    const { volumes, waiting } = claims;
    const candidates = waiting.map((claim) => new Candidates(claim, snapshot));
    return {
      check: ({ facts }) => {
        for (const volume of volumes) {
          if (volume === undefined) return missing;
          if (!isReached(volume, facts)) return unreached;
        }
        if (candidates.length === 0) return undefined;
        const plan = planFor(candidates, facts, snapshot);
        return 'reasons' in plan ? plan : undefined;
      },
    };
  },
  mayHelp: (event) =>
    event.kind === 'node added' ||
    (event.kind === 'node updated' && event.before.labels !== event.node.facts.labels) ||
    event.kind === 'storage changed',
};

/** What becomes of a pod's claims on a node that has passed; undefined when all of them are bound. */
export function planVolumes(
  pod: PodFacts,
  node: NodeFacts,
  snapshot: ClusterSnapshot,
): VolumePlan | undefined {
  if (pod.claims.length === 0) return undefined;
  const claims = sortClaims(pod, snapshot);
  if ('reason' in claims || claims.waiting.length === 0) return undefined;
  const candidates = claims.waiting.map((claim) => new Candidates(claim, snapshot));
  const plan = planFor(candidates, node, snapshot);
  return 'reasons' in plan ? undefined : plan;
}

interface SortedClaims {
  /** Of claims that are bound; undefined: it is gone. */
  readonly volumes: readonly (AnyVolume | undefined)[];
  readonly waiting: readonly AnyClaim[];
}

function sortClaims(
  pod: PodFacts,
  { objects }: ClusterSnapshot,
): SortedClaims | { readonly reason: string } {
  const volumes: (AnyVolume | undefined)[] = [];
  const waiting: AnyClaim[] = [];
  let isUnbound = false;
  for (const each of pod.claims) {
    const state = claimState(each, pod, objects);
    if (state.kind === 'unusable') return state;
    if (state.kind === 'bound') volumes.push(objects.volumes.get(state.volume));
    else if (state.kind === 'waits for its pod') waiting.push(state.claim);
    else isUnbound = true;
  }
  return isUnbound
    ? { reason: 'pod has unbound immediate PersistentVolumeClaims' }
    : { volumes, waiting };
}

/** Where a claim that waits for its pod can get a volume. */
class Candidates {
  readonly claim: AnyClaim;
  readonly key: string;
  readonly storageClass: DeepReadonly<StorageClass> | undefined;
  readonly volumes: readonly AnyVolume[];
  /** A volume is being made for it already, for this node. */
  readonly nodeName: string | undefined;

  constructor(claim: AnyClaim, { objects, reservations }: ClusterSnapshot) {
    const { namespace = '', name = '' } = claim.metadata ?? {};
    this.claim = claim;
    this.key = `${namespace}/${name}`;
    this.storageClass = objects.storageClasses.get(classNameOf(claim));
    this.nodeName = reservations.nodeOf(this.key) ?? annotationsOf(claim)[selectedNode];
    const reserved = reservations.volumeOf(this.key);
    this.volumes = volumesFor(claim, objects.volumes.objects()).filter(({ metadata }) => {
      const name = metadata?.name ?? '';
      if (reserved !== undefined) return name === reserved;
      return reservations.claimOf(name) === undefined;
    });
  }
}

function planFor(
  candidates: readonly Candidates[],
  node: NodeFacts,
  snapshot: ClusterSnapshot,
): VolumePlan | Refusal {
  const taken = new Set<string>();
  const bind: { claim: string; volume: string }[] = [];
  const provision: string[] = [];
  for (const each of candidates) {
    if (each.nodeName !== undefined) {
      if (each.nodeName !== node.name) return unavailable;
      provision.push(each.key);
      continue;
    }
    const volume = each.volumes.find(
      (one) => !taken.has(one.metadata?.name ?? '') && isReached(one, node),
    );
    if (volume !== undefined) {
      const name = volume.metadata?.name ?? '';
      taken.add(name);
      bind.push({ claim: each.key, volume: name });
      continue;
    }
    const { storageClass } = each;
    if (storageClass === undefined || !isMadeFor(storageClass, node)) return unavailable;
    if (!hasRoomFor(each.claim, { storageClass, node, objects: snapshot.objects })) return full;
    provision.push(each.key);
  }
  return { bind, provision };
}

/** Whether volumes of a class are made for a node when somebody asks. */
function isMadeFor(
  { provisioner, allowedTopologies = [] }: DeepReadonly<StorageClass>,
  { labels }: NodeFacts,
): boolean {
  if (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner') return false;
  if (allowedTopologies.length === 0) return true;
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')),
  );
}
