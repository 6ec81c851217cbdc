import { isPodOver, podCondition } from '@fairway/kind-rules/pods';
import type { PodCondition } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { type AnyPod, isRunning, podContainers } from './pod-containers.ts';
import { isInitialized } from './pod-phase.ts';

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const yes: Verdict = { status: 'True' };

/** What the status of a pod does not tell. */
export interface ConditionFacts {
  /** Its containers have a network to start in; from its start on when absent. */
  readonly hasSandbox?: boolean;
}

/**
 * The conditions that a kubelet answers for, among those that the pod has: how its containers are, and what
 * its readiness gates say. The same list where nothing has changed.
 *
 * Source: Kubernetes, pod lifecycle; reasons and messages are those of a kubelet 1.36.
 */
export function podConditions(
  pod: AnyPod,
  nowMs: number,
  { hasSandbox = pod.status?.startTime !== undefined }: ConditionFacts = {},
): readonly PodCondition[] {
  const before = (pod.status?.conditions ?? []) as readonly PodCondition[];
  const containersReady = judgeContainers(pod);
  const verdicts: Readonly<Record<string, Verdict>> = {
    PodReadyToStartContainers: { status: hasSandbox && !isPodOver(pod) ? 'True' : 'False' },
    Initialized: judgeInitialized(pod),
    Ready: containersReady.status === 'True' ? judgeGates(pod) : containersReady,
    ContainersReady: containersReady,
  };
  const generation = pod.metadata?.generation;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const judged = Object.entries(verdicts).map(([type, verdict]): PodCondition => {
    const old = before.find((each) => each.type === type);
    const isSame =
      old?.status === verdict.status &&
      (old.reason ?? '') === (verdict.reason ?? '') &&
      (old.message ?? '') === (verdict.message ?? '') &&
      old.observedGeneration === observed.observedGeneration;
    if (old !== undefined && isSame) return old;
    const since = old?.status === verdict.status ? old.lastTransitionTime : undefined;
    return { type, ...verdict, lastTransitionTime: since ?? formatTime(nowMs), ...observed };
  });
  if (judged.every((each) => before.includes(each))) return before;
  return [...judged, ...before.filter(({ type }) => verdicts[type] === undefined)];
}

function judgeInitialized(pod: AnyPod): Verdict {
  if (pod.status?.phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  if (isInitialized(pod)) return yes;
  const incomplete = podContainers(pod).filter(
    ({ kind, status }) =>
      (kind === 'init' && status?.state?.terminated?.exitCode !== 0) ||
      (kind === 'sidecar' && status?.started !== true),
  );
  const names = incomplete.map(({ spec }) => spec.name).join(' ');
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names}]`,
  };
}

function judgeContainers(pod: AnyPod): Verdict {
  if (pod.status?.phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (pod.status?.phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready = podContainers(pod).filter(
    (each) =>
      (each.kind === 'main' || each.kind === 'sidecar') &&
      !(isRunning(each) && each.status?.ready === true),
  );
  if (unready.length === 0) return yes;
  const names = unready.map(({ spec }) => spec.name).join(' ');
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${names}]`,
  };
}

/** What others have to say before the pod is ready. */
function judgeGates(pod: AnyPod): Verdict {
  const refusals = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = podCondition(pod, conditionType);
    const name = JSON.stringify(conditionType);
    if (gate === undefined) {
      return [`corresponding condition of pod readiness gate ${name} does not exist.`];
    }
    if (gate.status === 'True') return [];
    return [`the status of pod readiness gate ${name} is not "True", but ${gate.status}`];
  });
  if (refusals.length === 0) return yes;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: refusals.join(', ') };
}
