import { disruptionAllowed, isGuardedBy, withDisruptionAllowed } from '@fairway/kind-rules/pods';
import type { Pod } from '@fairway/kinds/core/v1';
import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { ApiError, apiError, failureOf, forbidden, formatTime } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { changeStored } from '../objects/change-stored.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** To ask budgets, and to spend them. */
export interface BudgetParts extends WriteParts {
  readonly cluster: ClusterReader;
}

/** Evictions that the controller has not confirmed yet. */
const disruptedPodsMax = 2_000;
const retrySeconds = 10;

/**
 * The budget that guards a pod; undefined when none does.
 *
 * Errors: an `ApiError` without a reason for more than one, as in Kubernetes.
 */
export async function budgetOf(
  { parts }: Call<BudgetParts>,
  pod: Pod,
): Promise<PodDisruptionBudget | undefined> {
  const { namespace = '' } = pod.metadata ?? {};
  const all = await parts.cluster.all<PodDisruptionBudget>(
    'policy',
    'poddisruptionbudgets',
    namespace,
  );
  const [budget, ...others] = all.filter((each) => isGuardedBy(pod, each));
  if (others.length === 0) return budget;
  const message =
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  throw new ApiError(failureOf({ message }, 500));
}

/** Whether a pod that is not ready may go without counting. */
export function letsUnhealthyGo({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/**
 * Takes one disruption from a budget, and notes for its controller which pod it is for.
 *
 * Errors: TooManyRequests `ApiError` when there is none left.
 */
export async function spendBudget(
  call: Call<BudgetParts>,
  budget: PodDisruptionBudget,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<void> {
  const { parts, target } = call;
  await changeStored(
    { ...call, resource: budgets(call) },
    {
      name: budget.metadata?.name ?? '',
      isDryRun,
      change: (draft) => {
        const now = draft as PodDisruptionBudget;
        requireBudget(now);
        const time = formatTime(parts.clock.now());
        const left = {
          ...now.status,
          disruptionsAllowed: (now.status?.disruptionsAllowed ?? 0) - 1,
          disruptedPods: { ...now.status?.disruptedPods, [target.name]: time },
        };
        draft['status'] = left.disruptionsAllowed > 0 ? left : withDisruptionAllowed(left, time);
      },
    },
  );
}

function budgets({ parts }: Call<BudgetParts>): ServedResource {
  const found = parts.resources.find('policy', 'v1', 'poddisruptionbudgets');
  if (found !== undefined) return found;
  const message = 'a budget guards the pod, and policy/v1 is switched off by --runtime-config';
  throw apiError('InternalError', message);
}

function requireBudget(budget: PodDisruptionBudget): void {
  const { metadata, status = {} } = budget;
  const { disruptionsAllowed = 0, disruptedPods = {} } = status;
  const subject = { group: 'policy', plural: 'poddisruptionbudget', name: metadata?.name ?? '' };
  if ((status.observedGeneration ?? 0) < (metadata?.generation ?? 0)) throw stillProcessed(budget);
  if (disruptionsAllowed < 0) throw forbidden(subject, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > disruptedPodsMax) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(subject, why);
  }
  if (disruptionsAllowed === 0) throw refused(whyNone(budget));
}

function whyNone({ metadata, status }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  const { reason, message } = disruptionAllowed(status ?? {}) ?? {};
  const name = `The disruption budget ${metadata?.name}`;
  return reason === 'SyncFailed' && message !== ''
    ? `${name} does not allow evicting pods currently because it failed sync: ${message}`
    : `${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
}

/** The budget does not say yet what may go. */
export function stillProcessed({ metadata }: PodDisruptionBudget): ApiError {
  const why = `The disruption budget ${metadata?.name} is still being processed by the server.`;
  return refused(why, retrySeconds);
}

function refused(why: string, retryAfterSeconds?: number): ApiError {
  const causes = [{ reason: 'DisruptionBudget', message: why }];
  return apiError(
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    { causes, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  );
}
