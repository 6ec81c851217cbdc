import type { HorizontalPodAutoscaler as Version1 } from '@fairway/kinds/autoscaling/v1';
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  ResourceMetricSource,
} from '@fairway/kinds/autoscaling/v2';
import type { KubernetesObject } from '@fairway/protocol';
import { autoscalerToVersion2 } from '../versions/convert-autoscaler.ts';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';
import { formatAmount } from './format-amount.ts';
import type { Shown } from './shown.ts';

/**
 * A target that was not measured yet shows `<unknown>`.
 * Source: kube-apiserver printers, printHorizontalPodAutoscaler.
 */
export const autoscalers: TableColumns = defineTable<HorizontalPodAutoscaler>([
  name,
  text('Reference', 'What is scaled.', ({ spec }) => {
    return `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`;
  }),
  text('Targets', 'Measured and wanted values.', ({ spec, status }) => {
    return targets(spec?.metrics ?? [], status?.currentMetrics ?? []);
  }),
  text('MinPods', 'Fewest pods.', ({ spec }) => String(spec?.minReplicas ?? '<unset>')),
  text('MaxPods', 'Most pods.', ({ spec }) => spec?.maxReplicas ?? 0),
  text('Replicas', 'Pods that there are.', ({ status }) => status?.currentReplicas ?? 0),
  age,
]);

/** The same autoscalers as `autoscaling/v1` has them. */
export const autoscalersOfVersion1: TableColumns = {
  columns: autoscalers.columns,
  cells: (object, nowMs) => autoscalers.cells(withMeasuredCpu(object), nowMs),
};

type Target = Shown<MetricTarget> | undefined;
type Current = Shown<MetricValueStatus> | undefined;

/** The first two, and how many follow. */
function targets(
  specs: readonly Shown<MetricSpec>[],
  statuses: readonly Shown<MetricStatus>[],
): string {
  if (specs.length === 0) return '<none>';
  const shown = specs.slice(0, targetsMax).map((spec, index) => target(spec, statuses[index]));
  const list = shown.join(', ');
  return specs.length > targetsMax ? `${list} + ${specs.length - targetsMax} more...` : list;
}

const targetsMax = 2;

function target(spec: Shown<MetricSpec>, status: Shown<MetricStatus> | undefined): string {
  switch (spec.type) {
    case 'External':
      return averageOrWhole(spec.external?.target, status?.external?.current);
    case 'Object':
      return averageOrWhole(spec.object?.target, status?.object?.current);
    case 'Pods':
      return average(spec.pods?.target, status?.pods?.current);
    case 'Resource':
      return utilization(spec.resource, status?.resource?.current);
    case 'ContainerResource':
      return utilization(spec.containerResource, status?.containerResource?.current);
    default:
      return '<unknown type>';
  }
}

function average(wanted: Target, current: Current): string {
  const measured = current === undefined ? '<unknown>' : formatAmount(current.averageValue);
  return `${measured}/${formatAmount(wanted?.averageValue)}`;
}

function averageOrWhole(wanted: Target, current: Current): string {
  if (wanted?.averageValue === undefined) {
    const measured = current === undefined ? '<unknown>' : formatAmount(current.value);
    return `${measured}/${formatAmount(wanted?.value)}`;
  }
  const isMeasured = current?.averageValue !== undefined;
  return `${average(wanted, isMeasured ? current : undefined)} (avg)`;
}

function utilization(source: Shown<ResourceMetricSource> = {}, current: Current): string {
  const { name: resource, target: wanted } = source;
  // Metrics may come from an annotation, which can say anything.
  const prefix = typeof resource === 'string' ? `${resource}: ` : ': ';
  if (wanted?.averageValue !== undefined) return prefix + average(wanted, current);
  return `${prefix}${percent(current, '<unknown>')}/${percent(wanted, '<auto>')}`;
}

function percent(value: Target | Current, unknown: string): string {
  const { averageUtilization } = value ?? {};
  return typeof averageUtilization === 'number' ? `${averageUtilization}%` : unknown;
}

/** Version 1 measures CPU only, in a field of its own; version 2 has CPU first among its metrics. */
function withMeasuredCpu(object: KubernetesObject): KubernetesObject {
  const { status } = object as Shown<Version1>;
  const { spec, ...rest } = autoscalerToVersion2(object) as Shown<HorizontalPodAutoscaler>;
  const averageUtilization = status?.currentCPUUtilizationPercentage;
  if (averageUtilization === undefined) return { ...rest, spec } as KubernetesObject;
  const currentMetrics = [
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } },
  ];
  return { ...rest, spec, status: { ...rest.status, currentMetrics } } as KubernetesObject;
}
