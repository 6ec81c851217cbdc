import type { Pod } from '@fairway/kinds/core/v1';
import { podCondition } from '@fairway/kind-rules/pods';
import { type DeepReadonly, parseTime } from '@fairway/protocol';

/** What was measured of a pod. */
export interface PodMeasure {
  /** Unit: thousandths of the metric. */
  readonly milli: number;
  /** When the time ended that it was measured over. Unit: milliseconds since 1970. */
  readonly atMs: number;
  readonly windowMs: number;
}

export type PodMeasures = ReadonlyMap<string, PodMeasure>;

/** How far from the target is still near enough, in each direction: 0.1 is a tenth. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

/** How much of a target is used. */
export interface Usage {
  /** 1 is the target. */
  readonly ratio: number;
  /** Of the pods on average. Unit: thousandths. */
  readonly averageMilli: number;
  /** In per cent of what pods request, where that is the target. */
  readonly utilization?: number;
}

export interface Problem {
  readonly problem: string;
}

/** Programs that start use more of the CPU than they will. Source: kube-controller-manager's defaults. */
const cpuInitializationMs = 300_000;
const initialReadinessMs = 30_000;

/**
 * How many pods it takes so that each comes to the target. Pods that are not ready are left out, and
 * those of whom nothing was measured; where that would make much of little, they count as if they used
 * nothing when there are to be more pods, and all that they may when there are to be fewer.
 *
 * Source: Kubernetes documentation, horizontal pod autoscaling, "algorithm details".
 */
export function replicasForUsage(
  pods: readonly DeepReadonly<Pod>[],
  measures: PodMeasures,
  options: {
    readonly currentReplicas: number;
    readonly tolerances: Tolerances;
    /** Only the CPU is used for starting. */
    readonly isCpu: boolean;
    readonly nowMs: number;
    /** What these pods use together, of a target that belongs to it. */
    readonly usageOf: (values: ReadonlyMap<string, number>) => Usage | Problem;
    /** What a pod may use at the most, in thousandths. */
    readonly fullMilliOf: (podName: string) => number;
  },
): { readonly replicas: number; readonly usage: Usage } | Problem {
  const { currentReplicas, tolerances, usageOf, fullMilliOf } = options;
  const { readyCount, ignored, missing, gone } = groupPods(pods, measures, options);
  const values = new Map([...measures].map(([name, { milli }]) => [name, milli]));
  for (const name of [...ignored, ...gone]) values.delete(name);
  if (values.size === 0) return { problem: 'did not receive metrics for any ready pods' };
  const usage = usageOf(values);
  if ('problem' in usage) return usage;
  const { ratio } = usage;
  const countsIgnored = ignored.size > 0 && ratio > 1;
  if (!countsIgnored && missing.size === 0) {
    if (isNear(ratio, tolerances)) return { replicas: currentReplicas, usage };
    return { replicas: ceil(ratio * readyCount), usage };
  }
  for (const name of missing) {
    if (ratio < 1) values.set(name, fullMilliOf(name));
    else if (ratio > 1) values.set(name, 0);
  }
  if (countsIgnored) for (const name of ignored) values.set(name, 0);
  const whole = usageOf(values);
  if ('problem' in whole) return whole;
  const replicas = ceil(whole.ratio * values.size);
  const isTurned = (ratio < 1 && whole.ratio > 1) || (ratio > 1 && whole.ratio < 1);
  const isAgainst =
    (whole.ratio < 1 && replicas > currentReplicas) ||
    (whole.ratio > 1 && replicas < currentReplicas);
  const stays = isNear(whole.ratio, tolerances) || isTurned || isAgainst;
  return { replicas: stays ? currentReplicas : replicas, usage };
}

/** Usage of a resource, of what the pods request of it. */
export function resourceUsage(
  values: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number>,
  targetPercent: number,
): Usage | Problem {
  let [used, requested, count] = [0, 0, 0];
  for (const [name, milli] of values) {
    const request = requests.get(name);
    if (request === undefined) continue;
    used += milli;
    requested += request;
    count++;
  }
  if (requested === 0) return { problem: 'no metrics returned matched known pods' };
  const utilization = Math.trunc((used * 100) / requested);
  const averageMilli = Math.trunc(used / count);
  return { ratio: utilization / targetPercent, utilization, averageMilli };
}

/** Usage of anything, of a target for each pod. */
export function plainUsage(values: ReadonlyMap<string, number>, targetMilli: number): Usage {
  const used = [...values.values()].reduce((sum, milli) => sum + milli, 0);
  const averageMilli = Math.trunc(used / values.size);
  return { ratio: averageMilli / targetMilli, averageMilli };
}

export function isNear(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

/** Rounds up, but not what is whole but for the imprecision of fractions. */
export function ceil(count: number): number {
  return Math.ceil(Number(count.toFixed(9)));
}

interface PodGroups {
  readonly readyCount: number;
  readonly ignored: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  /** Soon not there any more. */
  readonly gone: ReadonlySet<string>;
}

function groupPods(
  pods: readonly DeepReadonly<Pod>[],
  measures: PodMeasures,
  { isCpu, nowMs }: { readonly isCpu: boolean; readonly nowMs: number },
): PodGroups {
  const ignored = new Set<string>();
  const missing = new Set<string>();
  const gone = new Set<string>();
  let readyCount = 0;
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata ?? {};
    const phase = pod.status?.phase;
    if (deletionTimestamp !== undefined || phase === 'Failed') {
      gone.add(name);
      continue;
    }
    const measure = measures.get(name);
    if (phase === 'Pending') ignored.add(name);
    else if (measure === undefined) missing.add(name);
    else if (isCpu && isStarting(pod, measure, nowMs)) ignored.add(name);
    else readyCount++;
  }
  return { readyCount, ignored, missing, gone };
}

/** What it uses now says nothing of what it will use. */
function isStarting(pod: DeepReadonly<Pod>, measure: PodMeasure, nowMs: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const startMs = timeOf(pod.status?.startTime);
  const changedMs = timeOf(ready?.lastTransitionTime);
  if (ready === undefined || startMs === undefined) return true;
  const isUnready = ready.status === 'False';
  if (startMs + cpuInitializationMs > nowMs) {
    return isUnready || (changedMs !== undefined && measure.atMs < changedMs + measure.windowMs);
  }
  // It has never been ready.
  return isUnready && changedMs !== undefined && startMs + initialReadinessMs > changedMs;
}

function timeOf(text: string | null | undefined): number | undefined {
  return text === undefined || text === null ? undefined : parseTime(text);
}
