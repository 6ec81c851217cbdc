import { parseTime } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';
import { isToBeDeleted } from '../pod-lifecycle/is-to-be-deleted.ts';
import { containerEvents, stoppingEvent } from '../pod-lifecycle/container-events.ts';
import { type AnyPod, isRunning, podContainers } from '../pod-lifecycle/pod-containers.ts';
import { nextRuleAtMs, settlePod } from '../pod-lifecycle/settle-pod.ts';
import { type PodAddresses, applyStage } from './apply-stage.ts';
import type { ChoiceScene, StageChoice } from './choose-stage.ts';
import { playStages } from './play-stages.ts';
import type { Stage, StageNext } from './stage.ts';

/** What is remembered of a pod between two looks at it; nothing is lost without it but time that passed. */
export interface PodMemory {
  readonly choice?: StageChoice;
  readonly hasBeenStopped?: boolean;
}

export interface PodScene extends Pick<ChoiceScene, 'nowMs' | 'elapsedMs' | 'fraction'> {
  readonly addresses: () => PodAddresses | undefined;
  /** Those of pods. */
  readonly stages: readonly Stage[];
  /** Since when somebody has looked at the pods, in milliseconds since 1970. */
  readonly watchedSinceMs: number;
}

/** What is to be done about a pod now. */
export interface PodAdvance<P extends AnyPod> {
  /** As it is to be; the same pod where there is nothing to write. */
  readonly pod: P;
  readonly events: readonly EventText[];
  /** Undefined: it stays. */
  readonly deletion: 'now' | 'gracefully' | undefined;
  readonly memory: PodMemory;
  /** When to look again even without a change, by the clock that does not jump. */
  readonly dueMs: number | undefined;
}

/** Takes a pod as far as it gets at this moment: by the rules of a kubelet and by stages. */
export function advancePod<P extends AnyPod>(
  pod: P,
  before: PodMemory | undefined,
  scene: PodScene,
): PodAdvance<P> {
  const { nowMs, elapsedMs, stages } = scene;
  const problems: EventText[] = [];
  const note = (message: string): void =>
    void problems.push({ type: 'Warning', reason: 'UnusableAnnotation', message });
  const played = playStages(
    settlePod(pod, nowMs),
    before?.choice,
    {
      stages,
      round: roundOf,
      isEffective,
      apply: (each, next) => settlePod(applyStage(each, next, { ...scene, note }), nowMs),
    },
    // Only what was there before anybody looked has an age that nobody saw.
    { ...scene, note, ageMs: before === undefined ? unseenMs(pod, scene) : 0 },
  );
  const { object: current, happened, choice } = played;
  const isAsked = happened.some(({ isDeleted }) => isDeleted === true) && !isGoing(pod);
  return {
    pod: current,
    events: [
      ...stopEvents(pod, before),
      ...containerEvents(pod, current),
      ...happened.flatMap(({ event }) => event ?? []),
      ...problems,
    ],
    deletion: isGone(current) ? 'now' : isAsked ? 'gracefully' : undefined,
    memory: {
      ...(choice === undefined ? {} : { choice }),
      ...(isGoing(pod) ? { hasBeenStopped: true } : {}),
    },
    dueMs: earliest(played.dueMs, elapsedAt(nextRuleAtMs(current, nowMs), { nowMs, elapsedMs })),
  };
}

function elapsedAt(
  atMs: number | undefined,
  { nowMs, elapsedMs }: { readonly nowMs: number; readonly elapsedMs: number },
): number | undefined {
  return atMs === undefined ? undefined : elapsedMs + Math.max(0, atMs - nowMs);
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

function isGoing({ metadata }: AnyPod): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/** A container that runs once more, and a pod that was deleted, are new occasions for the same stages. */
function roundOf(pod: AnyPod): string {
  const restarts = podContainers(pod).reduce(
    (sum, { status }) => sum + (status?.restartCount ?? 0),
    0,
  );
  return `${restarts} ${pod.metadata?.deletionTimestamp ?? ''}`;
}

const blank = { nowMs: 0, addresses: () => ({ hostIp: '', podIp: '' }), note: () => undefined };

function isEffective(pod: AnyPod, next: StageNext): boolean {
  if (next.isDeleted === true && !isGoing(pod)) return true;
  const doesNothing =
    next.containers === undefined && next.status === undefined && next.fail === undefined;
  if (next.event !== undefined && doesNothing && next.isDeleted !== true) return true;
  return applyStage(pod, next, blank) !== pod;
}

/** Once it is deleted, its containers are asked to end. */
function stopEvents(pod: AnyPod, before: PodMemory | undefined): readonly EventText[] {
  if (!isGoing(pod) || before?.hasBeenStopped === true) return [];
  return podContainers(pod)
    .filter(isRunning)
    .map((each) => stoppingEvent(each));
}

/** It was deleted and nothing of it runs: its name is given back, once. */
function isGone(pod: AnyPod): boolean {
  return isToBeDeleted(pod) && !podContainers(pod).some(isRunning);
}

/** How long the pod has been as it is, if that was so before anybody looked. */
function unseenMs(pod: AnyPod, { nowMs, watchedSinceMs }: PodScene): number {
  const { metadata, status } = pod;
  const createdMs = parseTime(metadata?.creationTimestamp ?? '') ?? 0;
  if (createdMs >= watchedSinceMs) return 0;
  const moments = [
    metadata?.creationTimestamp,
    status?.startTime,
    ...(status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime),
    ...podContainers(pod).flatMap((each) => {
      const { running, terminated } = each.status?.state ?? {};
      return [running?.startedAt, terminated?.finishedAt];
    }),
  ];
  const deletedMs = parseTime(metadata?.deletionTimestamp ?? '');
  const askedMs = (deletedMs ?? 0) - (metadata?.deletionGracePeriodSeconds ?? 0) * 1_000;
  const since = moments.map((each) => parseTime(each ?? '') ?? 0);
  const sinceMs = Math.max(askedMs, ...since);
  return sinceMs > 0 && sinceMs < watchedSinceMs ? Math.max(0, nowMs - sinceMs) : 0;
}
