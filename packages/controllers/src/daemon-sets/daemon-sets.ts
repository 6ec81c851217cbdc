import { ControllerRevision, DaemonSet } from '@fairway/kinds/apps/v1';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import { labelsOf } from '@fairway/protocol';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  isBeingDeleted,
  requeueAfter,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { claimObjects } from '../owned-objects/claim-objects.ts';
import { ownerKeysOf, takersOf } from '../owned-objects/owner-keys.ts';
import { selectedBy, selectorOf } from '../owned-objects/selected-objects.ts';
import { untilNextAvailableMs } from '../pods/next-available.ts';
import { PodWriter } from '../pods/pod-writer.ts';
import { deleteRevisions, keepHistory } from '../revisions/keep-history.ts';
import { type AnyRevision, surplusRevisions } from '../revisions/revision-history.ts';
import { writeStatus } from '../write-status.ts';
import { changePods } from './change-pods.ts';
import {
  type AnyPod,
  type AnySet,
  hashLabel,
  isOfTemplate,
  newDaemonPod,
  nodeNameOf,
} from './daemon-pod.ts';
import { daemonStatus } from './daemon-status.ts';
import { FailedPods } from './failed-pods.ts';
import { type DaemonState, nextChanges } from './next-changes.ts';
import { fitnessFor } from './node-fitness.ts';
import { setsOfNode } from './sets-of-node.ts';

/** Keeps a pod of a DaemonSet on each node that fits. The scheduler binds it there. */
export function daemonSets(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const { clock } = client;
  const pods = sharedInformer(informers, Pod);
  const nodes = sharedInformer(informers, Node);
  const revisions = sharedInformer(informers, ControllerRevision);
  const sets = sharedInformer(informers, DaemonSet);
  const takers = takersOf(sets, selectorOf);
  const failedPods = new FailedPods(clock);
  return sharedController(parts, DaemonSet, {
    concurrency: 2,
    watches: [
      watchShared(Pod, ownerKeysOf(DaemonSet, takers)),
      watchShared(ControllerRevision, ownerKeysOf(DaemonSet, takers)),
      watchShared(Node, setsOfNode(sets)),
    ],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<DaemonSet>): Promise<Requeue | undefined> {
    const { object: set, record, signal } = request;
    // What is left of one that is being deleted is garbage collection's.
    if (set === undefined || isBeingDeleted(set)) return undefined;
    const owned = { client, ownerKind: DaemonSet, owner: set, selector: selectorOf(set), signal };
    await claimObjects({ ...owned, ownedKind: Pod, informer: pods });
    const history = { ...owned, informer: revisions, hashLabel };
    const kept = await keepHistory(history);
    if (kept === undefined) return undefined;
    const hash = hashOf(kept.newest);
    const changes = nextChanges(stateOf(set, hash));
    const { failure } = await changePods(changes, {
      writer: new PodWriter({ client, pods }, request),
      newPod: (node) => newDaemonPod(set, node, hash),
      onFailed: (node) => failedPods.count(place(set, node)),
      record,
    });
    const status = daemonStatus(stateOf(set, hash), kept.collisionCount);
    await writeStatus(request, DaemonSet, { object: set, status });
    const members = membersOf(set);
    const isUsed = isUsedBy(members, kept.newest);
    const limit = set.spec?.revisionHistoryLimit ?? 10;
    await deleteRevisions(history, surplusRevisions(kept.revisions, { isUsed, limit }));
    if (failure !== undefined) throw failure;
    const { minReadySeconds } = set.spec ?? {};
    const availableMs = untilNextAvailableMs(members, minReadySeconds, clock.now());
    const waits = [availableMs ?? [], changes.againMs ?? []].flat();
    return waits.length === 0 ? undefined : requeueAfter(Math.min(...waits));
  }

  function stateOf(set: AnySet, hash: string): DaemonState {
    const fitness = fitnessFor(set);
    const members = membersOf(set);
    const byNode = Map.groupBy(members, (pod) => nodeNameOf(pod) ?? '');
    const states = [...nodes.objects()].map((node) => {
      const nodeName = node.metadata?.name ?? '';
      return { name: nodeName, pods: byNode.get(nodeName) ?? [], ...fitness(node) };
    });
    const isStray = (pod: AnyPod): boolean =>
      (pod.spec?.nodeName ?? '') === '' && nodes.get(nodeNameOf(pod) ?? '') === undefined;
    return {
      set,
      nodes: states,
      stray: members.filter((pod) => nodeNameOf(pod) !== undefined && isStray(pod)),
      isUpdated: (pod) => isOfTemplate(set, pod, hash),
      failureWaitMs: (node) => failedPods.waitMs(place(set, node)),
      nowMs: clock.now(),
    };
  }

  /** The pods that are the set's, as the cache has them now, without those that are over and deleted. */
  function membersOf(set: AnySet): readonly AnyPod[] {
    return selectedBy(pods, set, selectorOf(set)).filter(
      (pod) => !(isPodOver(pod) && isBeingDeleted(pod)),
    );
  }
}

/** Where pods of a template fail. */
function place({ metadata, status }: AnySet, node: string): string {
  return `${metadata?.uid} ${status?.observedGeneration ?? 0} ${node}`;
}

/** What pods of a revision are known by; its name where another program made it without. */
function hashOf({ metadata }: AnyRevision): string {
  return metadata?.labels?.[hashLabel] ?? metadata?.name ?? '';
}

function isUsedBy(
  members: readonly AnyPod[],
  newest: AnyRevision,
): (revision: AnyRevision) => boolean {
  const used = new Set([hashOf(newest), ...members.map((pod) => labelsOf(pod)[hashLabel])]);
  return (revision) => used.has(hashOf(revision));
}
