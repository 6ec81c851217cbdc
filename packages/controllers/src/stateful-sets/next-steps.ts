import { isPodOver, isPodReady, isPodAvailable } from '@fairway/kind-rules/pods';
import { isBeingDeleted } from '@fairway/reconcile';
import { isStale, ownersToSet } from './claim-retention.ts';
import {
  type AnyClaim,
  type AnyPod,
  type AnySet,
  claimNamesOf,
  isWanted,
  ordinalOf,
  podNameOf,
  replicasOf,
  revisionOf,
  startOrdinal,
} from './pod-identity.ts';
import { type SetRevision, repairOf } from './stateful-pod.ts';

/** What a set is like at a moment. */
export interface SetState {
  readonly set: AnySet;
  /** Those that belong to it. */
  readonly pods: readonly AnyPod[];
  readonly claimOf: (name: string) => AnyClaim | undefined;
  /** What pods are made from that an update has not reached. */
  readonly current: SetRevision;
  /** What an update leads to; the same as `current` when there is none. */
  readonly update: SetRevision;
  readonly nowMs: number;
}

/** One thing to do. */
export type Step =
  /** Make the pod of an ordinal, and before it the claims that are missing. */
  | { readonly action: 'create'; readonly ordinal: number; readonly revision: SetRevision }
  | { readonly action: 'delete'; readonly pod: AnyPod }
  /** Make claims that a pod waits for. */
  | { readonly action: 'complete-claims'; readonly pod: AnyPod }
  /** Give its claims the owners that they must have. */
  | { readonly action: 'settle-claims'; readonly pod: AnyPod }
  /** Give a pod that was adopted what it lacks. */
  | { readonly action: 'repair'; readonly pod: AnyPod; readonly patch: object };

/** Steps that may be taken together, once all before them have succeeded. */
export type Stage = readonly Step[];

/** Steps that are taken in one go; the rest follows. */
const stepsMax = 500;

/**
 * What is to be done next for a set to have its pods: those that are wanted exist, those that are not are
 * deleted, and then one at a time those of another revision than the set's. Ordered sets do one thing at a
 * time, and wait for it: the next pod is made when all before it are available, and deleted when none is
 * missing.
 *
 * Source: kubernetes.io, StatefulSet, "Deployment and Scaling Guarantees" and "Update strategies".
 */
export function nextSteps(state: SetState): readonly Stage[] {
  if (isBeingDeleted(state.set)) return [];
  return state.set.spec?.podManagementPolicy === 'Parallel' ? inParallel(state) : inOrder(state);
}

function inOrder(state: SetState): readonly Stage[] {
  const { set } = state;
  const stages: Stage[] = [];
  const byOrdinal = wantedPods(state);
  const start = startOrdinal(set);
  for (let ordinal = start; ordinal < start + replicasOf(set); ordinal++) {
    const pod = byOrdinal.get(ordinal);
    const { steps, isSettled } = lookAfter(state, ordinal, pod);
    for (const step of steps) stages.push([step]);
    if (!isSettled) return stages;
  }
  const leaving = leavingPods(state);
  for (const pod of leaving) for (const step of settleClaims(state, pod)) stages.push([step]);
  const last = leaving[0];
  if (last !== undefined) {
    // The last goes first, and what is broken may go when nothing before it is.
    const isBlocked = isBeingDeleted(last) || isBehindBroken(state, leaving);
    return isBlocked ? stages : [...stages, [{ action: 'delete', pod: last }]];
  }
  return [...stages, nextUpdate(state, byOrdinal)];
}

function inParallel(state: SetState): readonly Stage[] {
  const { set } = state;
  const byOrdinal = wantedPods(state);
  const start = startOrdinal(set);
  const steps: Step[] = [];
  for (let ordinal = start; ordinal < start + replicasOf(set); ordinal++) {
    const outcome = lookAfter(state, ordinal, byOrdinal.get(ordinal));
    steps.push(...outcome.steps);
    if (steps.length >= stepsMax) return [steps];
  }
  const leaving = leavingPods(state);
  const deletions = leaving.filter((pod) => !isBeingDeleted(pod));
  return [
    steps,
    leaving.flatMap((pod) => settleClaims(state, pod)),
    deletions.slice(0, stepsMax).map((pod) => ({ action: 'delete', pod })),
    nextUpdate(state, byOrdinal),
  ];
}

/** What one ordinal needs; settled when an ordered set may go on to the next one. */
function lookAfter(
  state: SetState,
  ordinal: number,
  pod: AnyPod | undefined,
): { readonly steps: readonly Step[]; readonly isSettled: boolean } {
  const { set } = state;
  if (pod === undefined) return { steps: creation(state, ordinal), isSettled: false };
  if (isPodOver(pod)) {
    const steps: readonly Step[] = isBeingDeleted(pod) ? [] : [{ action: 'delete', pod }];
    return { steps, isSettled: false };
  }
  const missing = pod.status?.phase === 'Pending' && lacksClaims(state, ordinal);
  const waits: readonly Step[] = missing ? [{ action: 'complete-claims', pod }] : [];
  const isParallel = set.spec?.podManagementPolicy === 'Parallel';
  if (isBeingDeleted(pod) || (!isParallel && isUnavailable(state, pod))) {
    return { steps: waits, isSettled: false };
  }
  const patch = repairOf(set, pod);
  const repair: readonly Step[] = patch === undefined ? [] : [{ action: 'repair', pod, patch }];
  return { steps: [...waits, ...repair, ...settleClaims(state, pod)], isSettled: true };
}

function creation(state: SetState, ordinal: number): readonly Step[] {
  const { set, claimOf } = state;
  const name = podNameOf(set, ordinal);
  for (const claimName of claimNamesOf(set, ordinal).values()) {
    const claim = claimOf(claimName);
    // It goes with the pod that had this name, and its data with it: the new one waits for that.
    if (claim !== undefined && isStale(claim, set, name)) return [];
  }
  return [{ action: 'create', ordinal, revision: revisionFor(state, ordinal) }];
}

/** Pods below the partition of a rolling update stay as they were. */
function revisionFor({ set, current, update }: SetState, ordinal: number): SetRevision {
  return ordinal < startOrdinal(set) + partitionOf(set) ? current : update;
}

/** How many of the first pods an update leaves alone. */
function partitionOf({ spec }: AnySet): number {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  return type === 'OnDelete' ? 0 : (rollingUpdate?.partition ?? 0);
}

/** Deletes the last pod that is of another revision, when all behind it are available. */
function nextUpdate(state: SetState, byOrdinal: ReadonlyMap<number, AnyPod>): Stage {
  const { set, update } = state;
  if (set.spec?.updateStrategy?.type === 'OnDelete') return [];
  const start = startOrdinal(set);
  for (let index = replicasOf(set) - 1; index >= partitionOf(set); index--) {
    const pod = byOrdinal.get(start + index);
    if (pod === undefined || isPodOver(pod)) return [];
    if (revisionOf(pod) !== update.name && !isBeingDeleted(pod)) return [{ action: 'delete', pod }];
    if (isUnavailable(state, pod)) return [];
  }
  return [];
}

function wantedPods({ set, pods }: SetState): ReadonlyMap<number, AnyPod> {
  const entries = pods.flatMap((pod) => {
    const ordinal = ordinalOf(set, pod);
    return ordinal !== undefined && isWanted(set, ordinal) ? [[ordinal, pod] as const] : [];
  });
  return new Map(entries);
}

/** Pods with an ordinal that is not wanted, the last first. */
function leavingPods({ set, pods }: SetState): readonly AnyPod[] {
  const numberOf = (pod: AnyPod): number => ordinalOf(set, pod) ?? -1;
  return pods
    .filter((pod) => numberOf(pod) >= 0 && !isWanted(set, numberOf(pod)))
    .toSorted((one, other) => numberOf(other) - numberOf(one));
}

/** The first of the pods that leave is broken, and another one before it, too. */
function isBehindBroken(state: SetState, [last, ...others]: readonly AnyPod[]): boolean {
  const isBroken = (pod: AnyPod): boolean => isUnavailable(state, pod);
  return last !== undefined && isBroken(last) && others.some(isBroken);
}

function lacksClaims({ set, claimOf }: SetState, ordinal: number): boolean {
  return [...claimNamesOf(set, ordinal).values()].some((name) => claimOf(name) === undefined);
}

function settleClaims({ set, claimOf }: SetState, pod: AnyPod): readonly Step[] {
  const ordinal = ordinalOf(set, pod) ?? 0;
  const isUnsettled = [...claimNamesOf(set, ordinal).values()].some((name) => {
    const claim = claimOf(name);
    return claim !== undefined && ownersToSet(claim, { set, pod }) !== undefined;
  });
  return isUnsettled ? [{ action: 'settle-claims', pod }] : [];
}

/** It cannot do its work, or will not for long. */
function isUnavailable({ set, nowMs }: SetState, pod: AnyPod): boolean {
  return isBeingDeleted(pod) || !isAvailable(pod, set, nowMs);
}

/** It runs, and has been ready for as long as the set wants. */
export function isAvailable(pod: AnyPod, { spec }: AnySet, nowMs: number): boolean {
  return isRunningAndReady(pod) && isPodAvailable(pod, spec?.minReadySeconds ?? 0, nowMs);
}

export function isRunningAndReady(pod: AnyPod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod);
}
