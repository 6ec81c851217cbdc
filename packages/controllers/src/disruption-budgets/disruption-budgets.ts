import { messageOf } from '@fairway/host';
import { Pod } from '@fairway/kinds/core/v1';
import { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { isGuardedBy, withDisruptionCondition } from '@fairway/kind-rules/pods';
import { type DeepReadonly, type KubernetesObject, formatTime } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  type ReconcileRequest,
  type Requeue,
  inNamespace,
  keyOf,
  requeueAfter,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { describeSelector } from '../pods/describe-selector.ts';
import { runTogether } from '../run-together.ts';
import { writeStatus } from '../write-status.ts';
import { budgetStatus } from './budget-status.ts';
import { disruptedPods } from './disrupted-pods.ts';
import { ExpectedPods } from './expected-pods.ts';
import { staleDisruptions } from './stale-disruptions.ts';

type Budget = DeepReadonly<PodDisruptionBudget>;
type Request = ReconcileRequest<PodDisruptionBudget>;

/** Counts for each PodDisruptionBudget how many of its pods may go, which evictions ask. */
export function disruptionBudgets(parts: ControllerParts): Controller {
  const { client, informers, recorder } = parts;
  const pods = sharedInformer(informers, Pod);
  const budgets = sharedInformer(informers, PodDisruptionBudget);
  const expected = new ExpectedPods(parts);
  const counting = sharedController(parts, PodDisruptionBudget, {
    watches: [watchShared(Pod, keysOfGuards)],
    reconcile,
  });
  return runTogether([counting, staleDisruptions(parts)]);

  async function reconcile(request: Request): Promise<Requeue | undefined> {
    const { object: budget, signal } = request;
    if (budget === undefined) return undefined;
    try {
      return await count(request, budget);
    } catch (error) {
      if (signal.aborted) throw error;
      await allowNothing(request, budget, error);
      throw error;
    }
  }

  async function count(request: Request, budget: Budget): Promise<Requeue | undefined> {
    const guarded = inNamespace(pods, request.namespace).filter((pod) => isGuardedBy(pod, budget));
    if (guarded.length === 0) {
      request.record({ type: 'Normal', reason: 'NoPods', message: 'No matching pods found' });
    }
    const { expectedPods, desiredHealthy, unmanaged } = await expectedOf(request, budget, guarded);
    if (unmanaged.length > 0) recordUnmanaged(request, budget);
    const nowMs = client.clock.now();
    const disrupted = disruptedPods(budget, guarded, nowMs);
    for (const pod of disrupted.overdue) {
      const message = `Pod was expected by PDB ${request.key} to be deleted but it wasn't`;
      recorder.record(Pod, pod, { type: 'Warning', reason: 'NotDeleted', message });
    }
    const status = budgetStatus(budget, {
      pods: guarded,
      expectedPods,
      desiredHealthy,
      disrupted: disrupted.expected,
      time: formatTime(nowMs),
    });
    await writeStatus<PodDisruptionBudget>(request, PodDisruptionBudget, {
      object: budget,
      status,
    });
    return disrupted.nextMs === undefined ? undefined : requeueAfter(disrupted.nextMs);
  }

  async function expectedOf(
    { record, signal }: Request,
    budget: Budget,
    guarded: readonly DeepReadonly<Pod>[],
  ): ReturnType<ExpectedPods['of']> {
    try {
      return await expected.of(budget, guarded, signal);
    } catch (error) {
      const why = `Failed to calculate the number of expected pods: ${messageOf(error)}`;
      if (!signal.aborted) {
        record({ type: 'Warning', reason: 'CalculateExpectedPodCountFailed', message: why });
      }
      throw error;
    }
  }

  /** What cannot be counted lets nothing go. */
  async function allowNothing(request: Request, budget: Budget, cause: unknown): Promise<void> {
    const status = withDisruptionCondition(
      { ...(budget.status as PodDisruptionBudget['status']), disruptionsAllowed: 0 },
      {
        status: 'False',
        reason: 'SyncFailed',
        message: messageOf(cause),
        time: formatTime(client.clock.now()),
      },
    );
    await writeStatus<PodDisruptionBudget>(request, PodDisruptionBudget, {
      object: budget,
      status,
    });
  }

  function keysOfGuards({ object, old }: Change<KubernetesObject>): readonly string[] {
    const states = old === undefined ? [object] : [object, old];
    return inNamespace(budgets, object.metadata?.namespace)
      .filter((budget) => states.some((state) => isGuardedBy(state, budget)))
      .map(keyOf);
  }
}

function recordUnmanaged({ record }: Request, { spec }: Budget): void {
  const message = `Pods selected by this PodDisruptionBudget (selector: ${describeSelector(spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
  record({ type: 'Warning', reason: 'UnmanagedPods', message });
}
