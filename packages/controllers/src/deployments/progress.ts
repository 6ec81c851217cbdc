import type { Deployment } from '@fairway/kinds/apps/v1';
import { type DeepReadonly, formatTime, parseTime } from '@fairway/protocol';
import {
  type ConditionText,
  type HeldCondition,
  findCondition,
  renewedCondition,
  withCondition,
  withoutCondition,
} from './conditions.ts';
import { type HeldStatus, deploymentStatus, isComplete, isProgress } from './deployment-status.ts';
import { type Rollout, setsOf } from './rollout.ts';

const available = 'NewReplicaSetAvailable';
const timedOut = 'ProgressDeadlineExceeded';
/** A deadline of this many seconds is none. */
const secondsMax = 2_147_483_647;

/** How long a rollout may go without progress; undefined when it may take for ever. */
export function progressDeadlineMs({ spec }: DeepReadonly<Deployment>): number | undefined {
  const { progressDeadlineSeconds: seconds } = spec ?? {};
  return seconds === undefined || seconds === secondsMax ? undefined : seconds * 1_000;
}

/** Says of a Deployment what has become of it, unless it has no deadline, about which nothing is said. */
export function withProgress(
  deployment: DeepReadonly<Deployment>,
  told: { readonly conditions: readonly HeldCondition[]; readonly nowMs: number },
  text: Omit<ConditionText, 'type'>,
): readonly HeldCondition[] {
  if (progressDeadlineMs(deployment) === undefined) return told.conditions;
  const condition: ConditionText = { type: 'Progressing', ...text };
  return withCondition(told.conditions, condition, formatTime(told.nowMs));
}

/**
 * The conditions of a Deployment that was paused or taken up again: it makes no progress meanwhile, and its
 * deadline begins anew. What has timed out stays so.
 */
export function pauseConditions(
  deployment: DeepReadonly<Deployment>,
  nowMs: number,
): readonly HeldCondition[] {
  const conditions = deployment.status?.conditions ?? [];
  const reason = findCondition(conditions, 'Progressing')?.reason;
  const isPaused = deployment.spec?.paused === true;
  if (reason === timedOut || (reason === 'DeploymentPaused') === isPaused) return conditions;
  return withProgress(
    deployment,
    { conditions, nowMs },
    {
      status: 'Unknown',
      reason: isPaused ? 'DeploymentPaused' : 'DeploymentResumed',
      message: isPaused ? 'Deployment is paused' : 'Deployment is resumed',
    },
  );
}

/** The status of a Deployment whose replica sets are being rolled over. */
export function rolloutStatus(
  rollout: Rollout,
  told: { readonly conditions: readonly HeldCondition[]; readonly nowMs: number },
): HeldStatus {
  const { deployment, current } = rollout;
  const status = deploymentStatus(rollout, told);
  const time = formatTime(told.nowMs);
  const before = findCondition(told.conditions, 'Progressing');
  const all = status.conditions ?? [];
  const isOver = status.replicas === status.updatedReplicas && before?.reason === available;
  const subject =
    current === undefined
      ? `Deployment "${deployment.metadata?.name}"`
      : `ReplicaSet "${current.metadata?.name}"`;
  const progressing = (): readonly HeldCondition[] => {
    if (progressDeadlineMs(deployment) === undefined) return withoutCondition(all, 'Progressing');
    if (isOver) return all;
    if (isComplete(rollout, status)) {
      const message = `${subject} has successfully progressed.`;
      return withCondition(
        all,
        { type: 'Progressing', status: 'True', reason: available, message },
        time,
      );
    }
    if (isProgress(deployment.status ?? {}, status)) {
      const message = `${subject} is progressing.`;
      return renewedCondition(
        all,
        { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message },
        time,
      );
    }
    const leftMs = untilDeadlineMs(deployment, { ...told, conditions: all });
    if (leftMs === undefined || leftMs >= 0) return all;
    const message = `${subject} has timed out progressing.`;
    return withCondition(
      all,
      { type: 'Progressing', status: 'False', reason: timedOut, message },
      time,
    );
  };
  return { ...status, conditions: withFailures(rollout, progressing(), time) };
}

/** How long a rollout still has to show progress; undefined when it need not, or has failed to already. */
export function untilDeadlineMs(
  deployment: DeepReadonly<Deployment>,
  { conditions, nowMs }: { readonly conditions: readonly HeldCondition[]; readonly nowMs: number },
): number | undefined {
  const deadlineMs = progressDeadlineMs(deployment);
  const condition = findCondition(conditions, 'Progressing');
  const sinceMs = parseTime(condition?.lastUpdateTime ?? '');
  if (deadlineMs === undefined || condition === undefined || sinceMs === undefined)
    return undefined;
  if (condition.reason === available || condition.reason === timedOut) return undefined;
  return sinceMs + deadlineMs - nowMs;
}

/** Replica sets that cannot make their pods make it a failure of the Deployment; the current one first. */
function withFailures(
  rollout: Rollout,
  conditions: readonly HeldCondition[],
  time: string,
): readonly HeldCondition[] {
  const failures = setsOf(rollout)
    .toReversed()
    .flatMap((set) => set.status?.conditions ?? [])
    .filter(({ type }) => type === 'ReplicaFailure');
  const [failure] = failures;
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  const { reason = '', message = '' } = failure;
  const text: ConditionText = { type: 'ReplicaFailure', status: 'True', reason, message };
  return withCondition(conditions, text, time);
}
