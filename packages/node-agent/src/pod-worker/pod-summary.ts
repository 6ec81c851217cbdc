import { type NewPodCondition, isPodOver, withPodCondition } from '@fairway/kind-rules/pods';
import type { PodStatus } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { endedPhase, podPhase } from '../pod-lifecycle/pod-phase.ts';
import { withSummary } from '../pod-lifecycle/settle-pod.ts';
import type { PodMemory } from './pod-memory.ts';
import { type PodView, isAlive } from './pod-view.ts';

/** What the summary of a pod depends on beside it. */
export interface SummaryScene {
  readonly nowMs: number;
  /** Of the machine, the first one first. */
  readonly hostAddresses: readonly string[];
}

const resizeConditions = ['PodResizePending', 'PodResizeInProgress'];

/** What the conditions say of resources that its containers are to get. */
export function withResize(pod: AnyPod, { resize }: PodMemory, { nowMs }: SummaryScene): AnyPod {
  const conditions = pod.status?.conditions ?? [];
  const wanted = resize && resizeConditions[resize.kind === 'pending' ? 0 : 1];
  const others = conditions.filter(
    ({ type }) => type === wanted || !resizeConditions.includes(type),
  );
  const status = (
    others.length === conditions.length ? pod.status : { ...pod.status, conditions: others }
  ) as PodStatus | undefined;
  if (resize === undefined || wanted === undefined) return { ...pod, ...(status && { status }) };
  const why = resize.kind === 'pending' ? resize.why : {};
  const condition = observedAt(pod, { type: wanted, status: 'True', ...why });
  return { ...pod, status: withPodCondition(status, condition, formatTime(nowMs)) };
}

/** The rest of a status: where the pod is, its phase and its conditions. */
export function summarize(pod: AnyPod, view: PodView, scene: SummaryScene): AnyPod {
  const { memory, sandbox } = view;
  const { status: before, spec } = pod;
  const isHost = spec?.hostNetwork === true;
  const addresses = isHost ? scene.hostAddresses : (sandbox?.addresses ?? []);
  const hostIPs = scene.hostAddresses.map((ip) => ({ ip }));
  const podIPs = sandbox === undefined ? [] : addresses.map((ip) => ({ ip }));
  const isEnded = memory.ending !== undefined && isStill(view);
  const { why, condition } = (isEnded ? memory.ending : undefined) ?? {};
  const said: PodStatus = {
    ...before,
    startTime: before?.startTime ?? formatTime(memory.acceptedMs ?? scene.nowMs),
    ...(hostIPs[0] === undefined ? {} : { hostIP: hostIPs[0].ip, hostIPs }),
    ...(podIPs[0] === undefined ? {} : { podIP: podIPs[0].ip, podIPs }),
    ...why,
  };
  const status =
    condition === undefined
      ? said
      : withPodCondition(said, observedAt(pod, condition), formatTime(scene.nowMs));
  const phase = phaseOf({ ...pod, status }, view);
  return withSummary({ ...pod, status }, phase, scene.nowMs, { hasSandbox: sandbox !== undefined });
}

function phaseOf(pod: AnyPod, view: PodView): NonNullable<PodStatus['phase']> {
  const { ending } = view.memory;
  if (isPodOver(pod)) return podPhase(pod);
  if (ending === undefined) return podPhase(pod);
  // It is over only when nothing of it runs.
  if (!isStill(view)) {
    const phase = podPhase(pod);
    return isPodOver({ status: { phase } }) ? (pod.status?.phase ?? 'Pending') : phase;
  }
  return ending.why === undefined ? endedPhase(pod) : 'Failed';
}

/** Nothing of the pod runs, and nothing is on its way. */
export function isStill({ containers, busy }: PodView): boolean {
  if (containers.some((each) => isAlive(each) || each.task !== undefined)) return false;
  return busy.get('pod')?.kind !== 'start-sandbox';
}

/** With the generation of the pod that it speaks of. */
function observedAt({ metadata }: AnyPod, condition: NewPodCondition): NewPodCondition {
  const observedGeneration = metadata?.generation;
  return observedGeneration === undefined ? condition : { ...condition, observedGeneration };
}
