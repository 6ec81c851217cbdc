import { type Shown, formatAmount } from '@fairway/kind-rules/shown';
import {
  HorizontalPodAutoscaler,
  type HPAScalingRules,
  type MetricSpec,
  type MetricStatus,
} from '@fairway/kinds/autoscaling/v2';
import { describerOf } from '../describer.ts';
import { type Lines, field, indented, lines, section, table } from '../lines.ts';
import { headLines } from '../metadata-lines.ts';
import { timeText } from '../moment.ts';

/** Describes an autoscaler: what it measures, wants and does. */
export const horizontalPodAutoscaler = describerOf<HorizontalPodAutoscaler>({
  resource: HorizontalPodAutoscaler,
  describe: (scaler, _, moment) => {
    const { metadata, spec = {}, status = {} } = scaler;
    const { kind = '', name = '' } = spec.scaleTargetRef ?? {};
    const metrics = (spec.metrics ?? []).map((metric, at) =>
      metricText(metric, status.currentMetrics?.[at] ?? {}),
    );
    return lines(
      headLines(scaler),
      field('CreationTimestamp', timeText(metadata?.creationTimestamp, moment)),
      field('Reference', `${kind}/${name}`),
      field('Metrics', '( current / target )'),
      indented(metrics),
      field('Min replicas', spec.minReplicas ?? '<unset>'),
      field('Max replicas', spec.maxReplicas ?? 0),
      spec.behavior &&
        section(
          'Behavior',
          lines(
            directionLines('Scale Up', spec.behavior.scaleUp),
            directionLines('Scale Down', spec.behavior.scaleDown),
          ),
        ),
      field(
        `${kind} pods`,
        `${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`,
      ),
      conditionLines(scaler),
    );
  },
});

function conditionLines({ status }: Shown<HorizontalPodAutoscaler>): Lines {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return [];
  const rows = conditions.map((each) => [
    each.type ?? '',
    each.status ?? '',
    each.reason ?? '',
    each.message ?? '',
  ]);
  return section('Conditions', table(['Type', 'Status', 'Reason', 'Message'], rows));
}

function metricText(metric: Shown<MetricSpec>, current: Shown<MetricStatus>): string {
  switch (metric.type) {
    case 'External': {
      const { metric: measured, target = {} } = metric.external ?? {};
      const form = target.averageValue === undefined ? 'value' : 'averageValue';
      return pairText(
        `${JSON.stringify(measured?.name ?? '')} (target ${form === 'value' ? 'value' : 'average value'})`,
        current.external && amountText(current.external.current?.[form]),
        amountText(target[form]),
      );
    }
    case 'Pods':
      return pairText(
        `${JSON.stringify(metric.pods?.metric?.name ?? '')} on pods`,
        current.pods && amountText(current.pods.current?.averageValue),
        amountText(metric.pods?.target?.averageValue),
      );
    case 'Object': {
      const { metric: measured, target = {}, describedObject } = metric.object ?? {};
      const form = target.type === 'AverageValue' ? 'averageValue' : 'value';
      const place = `${describedObject?.kind ?? ''}/${describedObject?.name ?? ''}`;
      return pairText(
        `"${measured?.name ?? ''}" on ${place} (target ${form === 'value' ? 'value' : 'average value'})`,
        current.object && amountText(current.object.current?.[form]),
        amountText(target[form]),
      );
    }
    case 'Resource': {
      const { name = '' } = metric.resource ?? {};
      return resourceText(`resource ${name} on pods`, metric.resource, current.resource);
    }
    case 'ContainerResource': {
      const { name = '', container = '' } = metric.containerResource ?? {};
      const what = `resource ${name} of container "${container}" on pods`;
      return resourceText(what, metric.containerResource, current.containerResource);
    }
    default:
      return `<unknown metric type ${JSON.stringify(metric.type ?? '')}>`;
  }
}

/** Of the containers of pods, as an amount or as a share of what they request. */
function resourceText(
  what: string,
  { target = {} }: Pick<Shown<NonNullable<MetricSpec['resource']>>, 'target'> = {},
  status: Pick<Shown<NonNullable<MetricStatus['resource']>>, 'current'> | undefined,
): string {
  const { averageUtilization, averageValue } = status?.current ?? {};
  if (target.averageValue !== undefined) {
    return pairText(what, status && amountText(averageValue), amountText(target.averageValue));
  }
  return pairText(
    `${what}  (as a percentage of request)`,
    averageUtilization === undefined
      ? undefined
      : `${averageUtilization}% (${amountText(averageValue)})`,
    target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`,
  );
}

function pairText(what: string, current: string | undefined, target: string): string {
  return field(what, `${current ?? '<unknown>'} / ${target}`);
}

function amountText(amount: string | number | undefined): string {
  return amount === undefined ? '<nil>' : formatAmount(String(amount));
}

function directionLines(title: string, rules: Shown<HPAScalingRules> | undefined): Lines {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window, policies = [], selectPolicy = 'Max' } = rules;
  const each = policies.map(
    ({ type = '', value = 0, periodSeconds = 0 }) =>
      `- Type: ${type}\tValue: ${value}\tPeriod: ${periodSeconds} seconds`,
  );
  return section(
    title,
    lines(
      window === undefined ? undefined : `Stabilization Window: ${window} seconds`,
      policies.length === 0
        ? undefined
        : [`Select Policy: ${selectPolicy}`, ...section('Policies', each)],
    ),
  );
}
