import { ControllerRevision, StatefulSet, type StatefulSetStatus } from '@fairway/kinds/apps/v1';
import { PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  formatKey,
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
import { type History, deleteRevisions, keepHistory } from '../revisions/keep-history.ts';
import { type AnyRevision, keptTemplate, surplusRevisions } from '../revisions/revision-history.ts';
import { writeStatus } from '../write-status.ts';
import { setsOfClaim } from './sets-of-claim.ts';
import { nextSteps } from './next-steps.ts';
import { type AnyPod, type AnySet, ordinalOf, revisionOf } from './pod-identity.ts';
import { setStatus } from './set-status.ts';
import type { SetRevision } from './stateful-pod.ts';
import { takeSteps } from './take-steps.ts';

/** Keeps the pods of a StatefulSet, each with a name and claims of its own. */
export function statefulSets(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const { clock } = client;
  const pods = sharedInformer(informers, Pod);
  const claims = sharedInformer(informers, PersistentVolumeClaim);
  const revisions = sharedInformer(informers, ControllerRevision);
  const sets = sharedInformer(informers, StatefulSet);
  const takers = takersOf(sets, selectorOf);
  return sharedController(parts, StatefulSet, {
    concurrency: 5,
    watches: [
      watchShared(Pod, ownerKeysOf(StatefulSet, takers)),
      watchShared(ControllerRevision, ownerKeysOf(StatefulSet, takers)),
      watchShared(PersistentVolumeClaim, setsOfClaim(sets)),
    ],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<StatefulSet>): Promise<Requeue | undefined> {
    const { object: set, signal, record } = request;
    if (set === undefined) return undefined;
    const selector = selectorOf(set);
    const owned = { client, ownerKind: StatefulSet, owner: set, selector, signal };
    const mayAdopt = (pod: AnyPod): boolean => ordinalOf(set, pod) !== undefined;
    await claimObjects({ ...owned, ownedKind: Pod, informer: pods, mayAdopt });
    if (isBeingDeleted(set)) return tellWhatIsLeft(set, request);
    const hashLabel = 'controller.kubernetes.io/hash';
    const history = { ...owned, informer: revisions, hashLabel };
    const kept = await keepHistory(history);
    if (kept === undefined) return undefined;
    const update = setRevision(kept.newest);
    const current = setRevision(currentRevision(set, kept));
    const stages = nextSteps({
      set,
      pods: membersOf(set),
      claimOf: (claim) => claims.get(formatKey({ ...namespaceOf(set), name: claim })),
      current,
      update,
      nowMs: clock.now(),
    });
    const { failure } = await takeSteps({ client, set, pods, claims, record, signal }, stages);
    const { collisionCount = 0 } = kept;
    const revision = { current: current.name, update: update.name, collisionCount };
    const status = await tellStatus(set, request, revision);
    const isUsed = isUsedBy(membersOf(set), [status.currentRevision, update.name]);
    const limit = set.spec?.revisionHistoryLimit ?? 10;
    await deleteRevisions(history, surplusRevisions(kept.revisions, { isUsed, limit }));
    if (failure !== undefined) throw failure;
    const { minReadySeconds } = set.spec ?? {};
    const untilNextMs = untilNextAvailableMs(membersOf(set), minReadySeconds, clock.now());
    return untilNextMs === undefined ? undefined : requeueAfter(untilNextMs);
  }

  /** Of a set that is being deleted nothing is changed any more. */
  async function tellWhatIsLeft(
    set: AnySet,
    request: ReconcileRequest<StatefulSet>,
  ): Promise<undefined> {
    const {
      currentRevision: current,
      updateRevision: update,
      collisionCount = 0,
    } = set.status ?? {};
    if (current === undefined || update === undefined) return;
    await tellStatus(set, request, { current, update, collisionCount });
  }

  async function tellStatus(
    set: AnySet,
    request: ReconcileRequest<StatefulSet>,
    revision: {
      readonly current: string;
      readonly update: string;
      readonly collisionCount: number;
    },
  ): Promise<StatefulSetStatus> {
    const found = { pods: membersOf(set), ...revision, nowMs: clock.now() };
    const status = setStatus(set, found);
    await writeStatus(request, StatefulSet, { object: set, status });
    return status;
  }

  /** The pods that are the set's, as the cache has them now. */
  function membersOf(set: AnySet): readonly AnyPod[] {
    return selectedBy(pods, set, selectorOf(set)).filter(
      (pod) => ordinalOf(set, pod) !== undefined,
    );
  }
}

function namespaceOf({ metadata }: AnySet): { readonly namespace: string } {
  return { namespace: metadata?.namespace ?? '' };
}

function setRevision(revision: AnyRevision): SetRevision {
  return { name: revision.metadata?.name ?? '', template: keptTemplate(revision) ?? {} };
}

/** The one that the last update has led to; the newest of a set that has had none. */
function currentRevision({ status }: AnySet, { revisions, newest }: History): AnyRevision {
  return revisions.find(({ metadata }) => metadata?.name === status?.currentRevision) ?? newest;
}

function isUsedBy(
  pods: readonly AnyPod[],
  others: readonly (string | undefined)[],
): (revision: AnyRevision) => boolean {
  const used = new Set([...others, ...pods.map(revisionOf)]);
  return ({ metadata }) => used.has(metadata?.name);
}
