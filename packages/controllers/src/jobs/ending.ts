import type { JobCondition } from '@fairway/kinds/batch/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import { type DeepReadonly, parseTime } from '@fairway/protocol';
import { judgeFailure } from './failure-policy.ts';
import { countIndexes } from './index-set.ts';
import { type NewJobCondition, trueCondition } from './job-conditions.ts';
import type { JobFacts } from './job-facts.ts';
import { hasFailed } from './job-pods.ts';
import { metSuccessRule } from './success-policy.ts';

/** A job comes to its end, with success or without: what is still active is to be deleted. */
export interface JobEnding extends NewJobCondition {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget';
}

/** How a job ends; undefined while it goes on. What was once decided stays. */
export function endingOf(facts: JobFacts): JobEnding | undefined {
  return decided(facts) ?? failureOf(facts) ?? indexFailureOf(facts) ?? successOf(facts);
}

/** How long until a job has been active for too long; undefined where it may be. */
export function untilDeadlineMs({ job, nowMs }: JobFacts): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec ?? {};
  const startMs = parseTime(job.status?.startTime ?? '');
  if (activeDeadlineSeconds === undefined || suspend === true) return undefined;
  return activeDeadlineSeconds * 1_000 - (nowMs - (startMs ?? nowMs));
}

function decided({ job }: JobFacts): JobEnding | undefined {
  return (
    endingFrom('SuccessCriteriaMet', trueCondition(job, 'SuccessCriteriaMet')) ??
    endingFrom('FailureTarget', trueCondition(job, 'FailureTarget'))
  );
}

function endingFrom(
  type: JobEnding['type'],
  condition: DeepReadonly<JobCondition> | undefined,
): JobEnding | undefined {
  if (condition === undefined) return undefined;
  return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
}

function failureOf(facts: JobFacts): JobEnding | undefined {
  const { job, pods, failedCount } = facts;
  const policy = job.spec?.podFailurePolicy;
  if (policy !== undefined) {
    for (const pod of pods.filter((each) => hasFailed(each, job))) {
      const { action, message = '' } = judgeFailure(policy, pod);
      if (action === 'FailJob') return failure('PodFailurePolicy', message);
    }
  }
  if (failedCount > (job.spec?.backoffLimit ?? 6) || hasRestartedTooOften(facts)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if ((untilDeadlineMs(facts) ?? 1) <= 0) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  return undefined;
}

/** Where containers are started again in their pod, that counts as failures do. */
function hasRestartedTooOften({ job, pods }: JobFacts): boolean {
  const { template, backoffLimit = 6 } = job.spec ?? {};
  if (template?.spec?.restartPolicy !== 'OnFailure') return false;
  const unfinished = pods.filter((pod) => !isPodOver(pod));
  const statuses = unfinished.flatMap(({ status }) => [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ]);
  const restarts = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  return restarts >= Math.max(1, backoffLimit);
}

function indexFailureOf({ job, indexes }: JobFacts): JobEnding | undefined {
  if (indexes?.failed === undefined) return undefined;
  const failedCount = countIndexes(indexes.failed);
  if (failedCount > (job.spec?.maxFailedIndexes ?? Number.POSITIVE_INFINITY)) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failure('MaxFailedIndexesExceeded', message);
  }
  const isThrough = failedCount + countIndexes(indexes.succeeded) >= indexes.completions;
  return failedCount > 0 && isThrough
    ? failure('FailedIndexes', 'Job has failed indexes')
    : undefined;
}

function successOf({ job, indexes, succeededCount, active }: JobFacts): JobEnding | undefined {
  if (indexes !== undefined) {
    const { succeeded, completions } = indexes;
    const rule = metSuccessRule(job.spec?.successPolicy, succeeded, completions);
    if (rule !== undefined) return success('SuccessPolicy', `Matched rules at index ${rule}`);
  }
  // Without a number of completions one success is enough, and the others may end by themselves.
  const wanted = job.spec?.completions ?? 1;
  if (succeededCount < wanted || active.length > 0) return undefined;
  return success('CompletionsReached', 'Reached expected number of succeeded pods');
}

function failure(reason: string, message: string): JobEnding {
  return { type: 'FailureTarget', reason, message };
}

function success(reason: string, message: string): JobEnding {
  return { type: 'SuccessCriteriaMet', reason, message };
}
