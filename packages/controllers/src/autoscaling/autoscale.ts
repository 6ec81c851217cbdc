import { messageOf } from '@fairway/host';
import type { Scale } from '@fairway/kinds/autoscaling/v1';
import {
  HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerStatus,
  type MetricStatus,
} from '@fairway/kinds/autoscaling/v2';
import { Pod } from '@fairway/kinds/core/v1';
import {
  ApiError,
  type DeepReadonly,
  type LabelSelector,
  type ResourceDescriptor,
  labelsOf,
  matchesLabelSelector,
  milliOf,
  parseLabelSelector,
} from '@fairway/protocol';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  inNamespace,
  parseKey,
  requeueAfter,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { writeStatus } from '../write-status.ts';
import { StatusDraft } from './autoscaler-status.ts';
import { limitReplicas } from './limit-replicas.ts';
import { MetricsApi } from './metrics-api.ts';
import type { Tolerances } from './pod-usage.ts';
import { type Proposal, proposeReplicas } from './propose-replicas.ts';
import { ScaleTargets } from './scale-target.ts';
import { type ScalingHistory, newHistory, withChange } from './scaling-history.ts';
import { AutoscalerSelectors } from './selectors.ts';

type Autoscaler = DeepReadonly<HorizontalPodAutoscaler>;
type Request = ReconcileRequest<HorizontalPodAutoscaler>;

/** Source: kube-controller-manager, `--horizontal-pod-autoscaler-sync-period`. */
const syncMs = 15_000;
/** Source: kube-controller-manager, `--horizontal-pod-autoscaler-tolerance`. */
const toleranceDefault = 0.1;

/** Scales what autoscalers name by what is measured of its pods, every 15 s. */
export function autoscale(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const pods = sharedInformer(informers, Pod);
  const targets = new ScaleTargets(parts);
  const selectors = new AutoscalerSelectors();
  const histories = new Map<string, ScalingHistory>();
  const dueMs = new Map<string, number>();
  const api = new MetricsApi(client);
  const { clock } = client;
  return sharedController(parts, HorizontalPodAutoscaler, {
    concurrency: 5,
    reconcile,
  });

  async function reconcile(request: Request): Promise<Requeue | undefined> {
    const { key, object } = request;
    if (object === undefined) {
      histories.delete(key);
      dueMs.delete(key);
      selectors.forget(key);
      return undefined;
    }
    const due = dueMs.get(key) ?? clock.elapsed() + syncMs;
    dueMs.set(key, due);
    // Pods change all the time, and metrics follow them late: a change is no cause to hurry.
    if (clock.elapsed() < due) return requeueAfter(due - clock.elapsed());
    dueMs.set(key, clock.elapsed() + syncMs);
    const status = await nextStatus(request, object);
    const change = { object, status };
    await writeStatus<HorizontalPodAutoscaler>(request, HorizontalPodAutoscaler, change);
    return requeueAfter(syncMs);
  }

  /** Scales, where that is called for, and answers what is to be said of it. */
  async function nextStatus(
    request: Request,
    autoscaler: Autoscaler,
  ): Promise<HorizontalPodAutoscalerStatus> {
    const { namespace, signal } = request;
    const draft = new StatusDraft(autoscaler, clock.now());
    const { scaleTargetRef } = autoscaler.spec;
    const target = await findTarget();
    if ('problem' in target) {
      const { problem } = target;
      request.record({ type: 'Warning', reason: 'FailedGetScale', message: problem });
      const message = `the HPA controller was unable to get the target's current scale: ${problem}`;
      draft.set('AbleToScale', false, { reason: 'FailedGetScale', message });
      return draft.unchanged();
    }
    draft.set('AbleToScale', true, {
      reason: 'SucceededGetScale',
      message: "the HPA controller was able to get the target's current scale",
    });
    const decision = await decide(request, autoscaler, { scale: target.scale, draft });
    if ('status' in decision) return decision.status;
    return carryOut(decision);

    async function findTarget(): Promise<Found | { readonly problem: string }> {
      const resource = await targets.find(scaleTargetRef);
      if ('problem' in resource) return resource;
      const place = { namespace, name: scaleTargetRef.name, signal };
      try {
        return { resource, scale: await targets.scaleOf(resource, place) };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { problem: error.message };
      }
    }

    async function carryOut(decided: Decision): Promise<HorizontalPodAutoscalerStatus> {
      const { current, replicas, reason, metrics, isRescaling } = decided;
      if (!isRescaling) return draft.counted({ current, desired: current, metrics });
      const { resource, scale } = target as Found;
      const place = { namespace, name: scaleTargetRef.name, signal };
      const told = `New size: ${replicas}; reason: ${reason}`;
      try {
        await targets.scaleTo(resource, { scale, replicas }, place);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { message } = error;
        request.record({
          type: 'Warning',
          reason: 'FailedRescale',
          message: `${told}; error: ${message}`,
        });
        draft.set('AbleToScale', false, {
          reason: 'FailedUpdateScale',
          message: `the HPA controller was unable to update the target scale: ${message}`,
        });
        return draft.counted({ current, metrics: currentMetricsOf(autoscaler) });
      }
      draft.set('AbleToScale', true, {
        reason: 'SucceededRescale',
        message: `the HPA controller was able to update the target scale to ${replicas}`,
      });
      request.record({ type: 'Normal', reason: 'SuccessfulRescale', message: told });
      noteChange(request.key, replicas - current);
      return draft.counted({ current, desired: replicas, metrics, isRescaled: true });
    }
  }

  function noteChange(key: string, by: number): void {
    const history = histories.get(key);
    if (history !== undefined) histories.set(key, withChange(history, by, clock.elapsed()));
  }

  async function decide(
    request: Request,
    autoscaler: Autoscaler,
    { scale, draft }: { readonly scale: Scale; readonly draft: StatusDraft },
  ): Promise<Decision | { readonly status: HorizontalPodAutoscalerStatus }> {
    const { key } = request;
    const { minReplicas: min = 1, maxReplicas: max, behavior } = autoscaler.spec;
    const current = scale.spec?.replicas ?? 0;
    const history = histories.get(key) ?? newHistory(current, clock.elapsed());
    histories.set(key, history);
    if (current === 0 && min !== 0) {
      draft.set('ScalingActive', false, {
        reason: 'ScalingDisabled',
        message: 'scaling is disabled since the replica count of the target is zero',
      });
      return { current, replicas: 0, reason: '', metrics: [], isRescaling: false };
    }
    if (current > max) return outOfBounds(current, max, 'above Spec.MaxReplicas');
    if (current < min) return outOfBounds(current, min, 'below Spec.MinReplicas');
    const wish = await wishOfMetrics(request, autoscaler, { scale, draft });
    if ('status' in wish) return wish;
    const { wanted, metric, metrics } = wish;
    const nowMs = clock.elapsed();
    const limited = limitReplicas({ wanted, current, min, max, behavior, history, nowMs });
    histories.set(key, limited.history);
    draft.set('AbleToScale', true, limited.able);
    draft.set('ScalingLimited', limited.limited.isLimited, limited.limited);
    const { replicas } = limited;
    const reason = wanted > current ? `${metric} above target` : 'All metrics below target';
    return { current, replicas, reason, metrics, isRescaling: replicas !== current };
  }

  /** What the metrics want that can be had: the most of it. */
  async function wishOfMetrics(
    request: Request,
    autoscaler: Autoscaler,
    { scale, draft }: { readonly scale: Scale; readonly draft: StatusDraft },
  ): Promise<Wish | { readonly status: HorizontalPodAutoscalerStatus }> {
    const { namespace, signal } = request;
    const current = scale.spec?.replicas ?? 0;
    const fail = (failure: Failure): { status: HorizontalPodAutoscalerStatus } => {
      draft.set('ScalingActive', false, failure.condition);
      const { event, summary, metrics = [] } = failure;
      if (event !== undefined) request.record({ type: 'Warning', ...event });
      request.record({
        type: 'Warning',
        reason: 'FailedComputeMetricsReplicas',
        message: summary,
      });
      return { status: draft.counted({ current, metrics }) };
    };
    const found = selectedPods(request, scale);
    if ('condition' in found) return fail(found);
    const specs = autoscaler.spec.metrics ?? [];
    const statuses: MetricStatus[] = [];
    const failures: { condition: Failure['condition']; message: string }[] = [];
    let most: Proposal | undefined;
    for (const spec of specs) {
      const proposal = await proposeReplicas(
        spec,
        {
          ...found,
          namespace,
          specReplicas: current,
          statusReplicas: scale.status?.replicas ?? 0,
          tolerances: tolerancesOf(autoscaler),
          nowMs: clock.now(),
          signal,
        },
        { api, resourceOf: (object) => targets.find(object) },
      );
      if ('status' in proposal) {
        statuses.push(proposal.status);
        if (most === undefined || proposal.replicas > most.replicas) most = proposal;
        continue;
      }
      const { reason, message, subject } = proposal;
      request.record({ type: 'Warning', reason, message });
      statuses.push({ type: '' });
      failures.push({
        condition: {
          reason,
          message: `the HPA was unable to compute the replica count: ${message}`,
        },
        message: subject === '' ? message : `${subject}: ${message}`,
      });
    }
    const [first] = failures;
    // Fewer are not believed in as long as a metric may want more.
    if (first !== undefined && (most === undefined || most.replicas < current)) {
      const { condition, message } = first;
      const counts = `${failures.length} invalid out of ${specs.length}`;
      const summary = `invalid metrics (${counts}), first error is: ${message}`;
      return fail({ condition, summary, metrics: statuses });
    }
    const metric = most?.metric ?? '';
    draft.set('ScalingActive', true, {
      reason: 'ValidMetricFound',
      message: `the HPA was able to successfully calculate a replica count from ${metric}`,
    });
    return { wanted: most?.replicas ?? 0, metric, metrics: statuses };
  }

  function selectedPods({ key, namespace }: Request, { status }: Scale): Selected | Failure {
    const text = status?.selector ?? '';
    if (text === '') {
      const message = "the HPA target's scale is missing a selector";
      return {
        condition: { reason: 'InvalidSelector', message },
        event: { reason: 'SelectorRequired', message: 'selector is required' },
        summary: 'selector is required',
      };
    }
    let selector: LabelSelector;
    try {
      selector = parseLabelSelector(text);
    } catch (error) {
      const why = messageOf(error);
      const message = `couldn't convert selector into a corresponding internal selector object: ${why}`;
      const failure = { reason: 'InvalidSelector', message };
      return { condition: failure, event: failure, summary: message };
    }
    selectors.set(key, selector);
    const selected = inNamespace(pods, namespace).filter((pod) =>
      matchesLabelSelector(selector, labelsOf(pod)),
    );
    const sharing = selectors.sharing(key, selected);
    if (sharing.length > 1) {
      const keys = sharing.map((each) => `{${parseKey(each).name} ${namespace}}`).join(' ');
      const message = `pods by selector ${text} are controlled by multiple HPAs: [${keys}]`;
      const failure = { reason: 'AmbiguousSelector', message };
      return { condition: failure, event: failure, summary: message };
    }
    return { selector, pods: selected };
  }
}

interface Found {
  readonly resource: ResourceDescriptor;
  readonly scale: Scale;
}

interface Decision {
  readonly current: number;
  readonly replicas: number;
  readonly reason: string;
  readonly metrics: readonly MetricStatus[];
  readonly isRescaling: boolean;
}

interface Wish {
  readonly wanted: number;
  readonly metric: string;
  readonly metrics: readonly MetricStatus[];
}

interface Selected {
  readonly selector: LabelSelector;
  readonly pods: readonly DeepReadonly<Pod>[];
}

/** Why no number of replicas can be worked out. */
interface Failure {
  readonly condition: { readonly reason: string; readonly message: string };
  readonly event?: { readonly reason: string; readonly message: string };
  readonly summary: string;
  readonly metrics?: readonly MetricStatus[];
}

function outOfBounds(current: number, replicas: number, where: string): Decision {
  const reason = `Current number of replicas ${where}`;
  return { current, replicas, reason, metrics: [], isRescaling: true };
}

function currentMetricsOf({ status }: Autoscaler): readonly MetricStatus[] {
  return (status?.currentMetrics ?? []) as readonly MetricStatus[];
}

function tolerancesOf({ spec }: Autoscaler): Tolerances {
  const of = (tolerance: string | undefined): number =>
    tolerance === undefined ? toleranceDefault : milliOf(tolerance) / 1_000;
  return {
    up: of(spec.behavior?.scaleUp?.tolerance),
    down: of(spec.behavior?.scaleDown?.tolerance),
  };
}
