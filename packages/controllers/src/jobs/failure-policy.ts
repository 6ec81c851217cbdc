import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '@fairway/kinds/batch/v1';
import type { ContainerStatus, Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** What a job makes of a failed pod. */
export interface FailureVerdict {
  readonly action: PodFailurePolicyRule['action'];
  /** Of `FailJob`: why. */
  readonly message?: string;
}

/**
 * What the first rule that fits says of a pod that failed; it just counts where none does, or where a job has
 * no rules.
 *
 * Source: KEP-3329, pod failure policy.
 */
export function judgeFailure(
  policy: DeepReadonly<PodFailurePolicy> | undefined,
  pod: DeepReadonly<Pod>,
): FailureVerdict {
  for (const [at, rule] of (policy?.rules ?? []).entries()) {
    const cause = causeOf(rule, pod);
    if (cause === undefined) continue;
    const { action } = rule;
    return { action, message: `${cause} matching ${action} rule at index ${at}` };
  }
  return { action: 'Count' };
}

/** What a rule found in a pod, in words; undefined when it does not fit. */
function causeOf(
  { onExitCodes, onPodConditions = [] }: DeepReadonly<PodFailurePolicyRule>,
  { metadata, status }: DeepReadonly<Pod>,
): string | undefined {
  const pod = `${metadata?.namespace}/${metadata?.name}`;
  if (onExitCodes !== undefined) {
    const statuses = [
      ...(status?.containerStatuses ?? []),
      ...(status?.initContainerStatuses ?? []),
    ];
    const failed = statuses.find((each) => hasExitedSo(each, onExitCodes));
    if (failed === undefined) return undefined;
    const { exitCode } = failed.state?.terminated ?? {};
    return `Container ${failed.name} for pod ${pod} failed with exit code ${exitCode}`;
  }
  const condition = status?.conditions?.find((held) =>
    onPodConditions.some(
      ({ type, status: wanted = 'True' }) => type === held.type && wanted === held.status,
    ),
  );
  return condition === undefined ? undefined : `Pod ${pod} has condition ${condition.type}`;
}

function hasExitedSo(
  { name, state }: DeepReadonly<ContainerStatus>,
  { containerName, operator, values }: DeepReadonly<PodFailurePolicyOnExitCodesRequirement>,
): boolean {
  const exitCode = state?.terminated?.exitCode ?? 0;
  if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false;
  return values.includes(exitCode) === (operator === 'In');
}
