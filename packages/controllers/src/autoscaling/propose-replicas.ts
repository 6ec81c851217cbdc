import type {
  CrossVersionObjectReference,
  MetricSpec,
  MetricStatus,
  MetricTarget,
} from '@fairway/kinds/autoscaling/v2';
import type { Pod } from '@fairway/kinds/core/v1';
import { isPodReady } from '@fairway/kind-rules/pods';
import {
  type DeepReadonly,
  type LabelSelector,
  type ResourceDescriptor,
  milliOf,
  parseLabelSelectorObject,
} from '@fairway/protocol';
import { describeSelector } from '../pods/describe-selector.ts';
import { formatMilli } from './amounts.ts';
import { type MetricName, type MetricsApi, MetricsError } from './metrics-api.ts';
import { podRequestsOf } from './pod-request.ts';
import {
  type PodMeasures,
  type Problem,
  type Tolerances,
  type Usage,
  ceil,
  isNear,
  plainUsage,
  replicasForUsage,
  resourceUsage,
} from './pod-usage.ts';

/** What one metric wants. */
export interface Proposal {
  readonly replicas: number;
  /** As events and conditions name it. */
  readonly metric: string;
  readonly status: MetricStatus;
}

/** Why a metric says nothing. */
export interface ProposalFailure {
  /** Of the event and the condition. */
  readonly reason: string;
  readonly message: string;
  /** What the message is about, for the event that sums up all metrics. */
  readonly subject: string;
}

export interface Scaled {
  readonly namespace: string;
  readonly selector: LabelSelector;
  readonly pods: readonly DeepReadonly<Pod>[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** How metrics are had, and what kinds they may be about. */
export interface MetricSources {
  readonly api: MetricsApi;
  readonly resourceOf: (
    object: DeepReadonly<CrossVersionObjectReference>,
    signal: AbortSignal,
  ) => Promise<ResourceDescriptor | Problem>;
}

type AnySpec = DeepReadonly<MetricSpec>;
type Target = DeepReadonly<MetricTarget>;

/** Asks for one metric, and works out how many replicas it wants. */
export async function proposeReplicas(
  spec: AnySpec,
  scaled: Scaled,
  sources: MetricSources,
): Promise<Proposal | ProposalFailure> {
  const way = waysOf(spec, scaled, sources);
  if (way === undefined) {
    const message = `unknown metric source type "${spec.type}"`;
    return { reason: 'InvalidMetricSourceType', message, subject: '' };
  }
  try {
    const outcome = await way.propose();
    return 'problem' in outcome ? { ...way, message: outcome.problem } : outcome;
  } catch (error) {
    if (error instanceof MetricsError) return { ...way, message: error.message };
    throw error;
  }
}

interface Way {
  readonly reason: string;
  readonly subject: string;
  readonly propose: () => Promise<Proposal | Problem>;
}

function waysOf(spec: AnySpec, scaled: Scaled, sources: MetricSources): Way | undefined {
  const { resource, containerResource, pods, object, external } = spec;
  if (spec.type === 'Resource' && resource !== undefined) {
    return {
      reason: 'FailedGetResourceMetric',
      subject: `failed to get ${resource.name} resource metric value`,
      propose: () => forResource(resource, scaled, sources),
    };
  }
  if (spec.type === 'ContainerResource' && containerResource !== undefined) {
    return {
      reason: 'FailedGetContainerResourceMetric',
      subject: `failed to get ${containerResource.name} container metric value`,
      propose: () => forResource(containerResource, scaled, sources),
    };
  }
  if (spec.type === 'Pods' && pods !== undefined) {
    return {
      reason: 'FailedGetPodsMetric',
      subject: 'failed to get pods metric value',
      propose: () => forPods(pods, scaled, sources),
    };
  }
  if (spec.type === 'Object' && object !== undefined) {
    return {
      reason: 'FailedGetObjectMetric',
      subject: 'failed to get object metric value',
      propose: () => forObject(object, scaled, sources),
    };
  }
  if (spec.type === 'External' && external !== undefined) {
    return {
      reason: 'FailedGetExternalMetric',
      subject: `failed to get ${external.metric.name} external metric value`,
      propose: () => forExternal(external, scaled, sources),
    };
  }
  return undefined;
}

async function forResource(
  source: NonNullable<AnySpec['resource']> & { readonly container?: string },
  scaled: Scaled,
  { api }: MetricSources,
): Promise<Proposal | Problem> {
  const { name, container, target } = source;
  const isPercent = target.averageValue === undefined;
  const what = `failed to get ${name} ${isPercent ? 'utilization' : 'usage'}`;
  const measures = await telling(`${what}: unable to get metrics for resource ${name}`, () =>
    api.ofPodResources(name, { ...scaled, ...(container === undefined ? {} : { container }) }),
  );
  const outcome = isPercent
    ? ofRequests(measures, source, scaled)
    : ofPlain(measures, milliOf(target.averageValue), scaled, name);
  if ('problem' in outcome) return { problem: `${what}: ${outcome.problem}` };
  const { replicas, usage } = outcome;
  const current = {
    ...(usage.utilization === undefined ? {} : { averageUtilization: usage.utilization }),
    averageValue: formatMilli(usage.averageMilli),
  };
  const metric = `${name} ${container === undefined ? '' : 'container '}resource`;
  return {
    replicas,
    metric: isPercent ? `${metric} utilization (percentage of request)` : metric,
    status:
      container === undefined
        ? { type: 'Resource', resource: { name, current } }
        : { type: 'ContainerResource', containerResource: { name, container, current } },
  };
}

type Outcome = { readonly replicas: number; readonly usage: Usage } | Problem;

/** Source of 100: a pod without measures is taken to use all that it requests, or the target of it. */
const fullPercentMin = 100;

function ofRequests(
  measures: PodMeasures,
  source: { readonly name: string; readonly container?: string; readonly target: Target },
  scaled: Scaled,
): Outcome {
  if (scaled.pods.length === 0) return noPods;
  const percent = source.target.averageUtilization ?? 0;
  const requests = podRequestsOf(scaled.pods, source);
  if ('problem' in requests) return requests;
  const fullPercent = Math.max(fullPercentMin, percent);
  return replicasForUsage(scaled.pods, measures, {
    ...usageOptions(scaled, source.name),
    usageOf: (values) => resourceUsage(values, requests, percent),
    fullMilliOf: (pod) => Math.trunc(((requests.get(pod) ?? 0) * fullPercent) / 100),
  });
}

function ofPlain(
  measures: PodMeasures,
  targetMilli: number,
  scaled: Scaled,
  resource: string,
): Outcome {
  if (scaled.pods.length === 0) return noPods;
  return replicasForUsage(scaled.pods, measures, {
    ...usageOptions(scaled, resource),
    usageOf: (values) => plainUsage(values, targetMilli),
    fullMilliOf: () => targetMilli,
  });
}

function usageOptions(
  { specReplicas, tolerances, nowMs }: Scaled,
  resource: string,
): { currentReplicas: number; tolerances: Tolerances; nowMs: number; isCpu: boolean } {
  return { currentReplicas: specReplicas, tolerances, nowMs, isCpu: resource === 'cpu' };
}

const noPods: Problem = {
  problem: 'no pods returned by selector while calculating replica count',
};

async function forPods(
  { metric, target }: NonNullable<AnySpec['pods']>,
  scaled: Scaled,
  { api }: MetricSources,
): Promise<Proposal | Problem> {
  const named = nameOf(metric);
  const measures = await telling(`unable to get metric ${metric.name}`, () =>
    api.ofPods(named, scaled),
  );
  const outcome = ofPlain(measures, milliOf(target.averageValue), scaled, '');
  if ('problem' in outcome) return outcome;
  const current = { averageValue: formatMilli(outcome.usage.averageMilli) };
  return {
    replicas: outcome.replicas,
    metric: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric: kept(metric), current } },
  };
}

async function forObject(
  { metric, target, describedObject }: NonNullable<AnySpec['object']>,
  scaled: Scaled,
  { api, resourceOf }: MetricSources,
): Promise<Proposal | Problem> {
  const { kind, name } = describedObject;
  const perPod = target.type === 'AverageValue';
  const failed = `${perPod ? `failed to get ${metric.name} object metric: ` : ''}unable to get metric ${metric.name}: ${kind} on ${scaled.namespace} ${name}`;
  const resource = await resourceOf(describedObject, scaled.signal);
  if ('problem' in resource) return { problem: `${failed}/${resource.problem}` };
  const milli = await telling(
    failed,
    () => api.ofObject(nameOf(metric), { resource, name }, scaled),
    '/',
  );
  const outcome = perPod
    ? sharedOut(milli, milliOf(target.averageValue), scaled)
    : wholeValue(milli, milliOf(target.value), scaled);
  if ('problem' in outcome) return outcome;
  const { replicas, current } = outcome;
  return {
    replicas,
    metric: perPod
      ? `external metric ${metric.name}(${describeSelector(metric.selector)})`
      : `${kind} metric ${metric.name}`,
    status: {
      type: 'Object',
      object: { describedObject: { ...describedObject }, metric: kept(metric), current },
    },
  };
}

async function forExternal(
  { metric, target }: NonNullable<AnySpec['external']>,
  scaled: Scaled,
  { api }: MetricSources,
): Promise<Proposal | Problem> {
  const perPod = target.averageValue !== undefined;
  const selector = describeSelector(metric.selector);
  const failed = perPod
    ? `failed to get ${metric.name} external metric`
    : `failed to get external metric ${metric.name}`;
  const place = `${scaled.namespace}/${metric.name}/${selector}`;
  const milli = await telling(`${failed}: unable to get external metric ${place}`, () =>
    api.ofExternal(nameOf(metric), scaled),
  );
  const outcome = perPod
    ? sharedOut(milli, milliOf(target.averageValue), scaled)
    : wholeValue(milli, milliOf(target.value), scaled);
  if ('problem' in outcome) return { problem: `${failed}: ${outcome.problem}` };
  const { replicas, current } = outcome;
  return {
    replicas,
    metric: `external metric ${metric.name}(${selector})`,
    status: { type: 'External', external: { metric: kept(metric), current } },
  };
}

/** A value for all pods together: it shrinks as there are more of them. */
function wholeValue(
  milli: number,
  targetMilli: number,
  { specReplicas, tolerances, pods }: Scaled,
): { readonly replicas: number; readonly current: { readonly value: string } } | Problem {
  const current = { value: formatMilli(milli) };
  const ratio = milli / targetMilli;
  // From nothing, the value alone says how many there shall be.
  if (specReplicas === 0) return { replicas: ceil(ratio), current };
  if (isNear(ratio, tolerances)) return { replicas: specReplicas, current };
  if (pods.length === 0) return { problem: `unable to calculate ready pods: ${noPods.problem}` };
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
  return { replicas: ceil(ratio * ready.length), current };
}

/** A value of which each pod has its share. */
function sharedOut(
  milli: number,
  targetMilli: number,
  { statusReplicas, tolerances }: Scaled,
): { readonly replicas: number; readonly current: { readonly averageValue: string } } {
  const ratio = milli / (targetMilli * statusReplicas);
  const replicas = isNear(ratio, tolerances) ? statusReplicas : ceil(milli / targetMilli);
  const share = statusReplicas === 0 ? milli : milli / statusReplicas;
  return { replicas, current: { averageValue: formatMilli(ceil(share)) } };
}

type Identifier = NonNullable<AnySpec['pods']>['metric'];

function nameOf({ name, selector }: Identifier): MetricName {
  return {
    name,
    ...(selector === undefined ? {} : { selector: parseLabelSelectorObject(selector) }),
  };
}

function kept({ name, selector }: Identifier): Identifier {
  return { name, ...(selector === undefined ? {} : { selector }) };
}

/** Puts what was being done before what went wrong. */
async function telling<T>(what: string, work: () => Promise<T>, separator = ': '): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MetricsError)) throw error;
    throw new MetricsError(`${what}${separator}${error.message}`, { cause: error });
  }
}
