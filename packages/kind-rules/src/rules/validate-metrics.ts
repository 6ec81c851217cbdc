import {
  checkPathSegment,
  type Draft,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '@fairway/kinds/autoscaling/v2';

import { isPositiveAmount } from './amounts.ts';
import { expectDnsLabel, type FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { validateObjectReference } from './validate-object-reference.ts';

const metricSources = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const;
const metricTypes = Object.keys(metricSources).sort();

interface MetricPlace {
  readonly field: string;
  readonly stored: Draft<MetricSpec> | undefined;
}

/**
 * What is wrong with one metric of an autoscaler. Of several sources only the first is looked into.
 * Source: autoscaling/v2 MetricSpec; autoscaling validation, validateMetricSpec.
 */
export function validateMetric(
  metric: Draft<MetricSpec>,
  place: MetricPlace,
  errors: FieldErrors,
): void {
  const { field } = place;
  const type = metric.type ?? '';
  const unknown = unsupported(`${field}.type`, type, metricTypes);
  if (type === '') errors.push(required(`${field}.type`, 'must specify a metric source type'));
  if (!isMetricType(type)) errors.push(unknown);
  const present = Object.values(metricSources).filter((name) => metric[name]);
  const [first] = present;
  if (first !== undefined) validateSource(metric, first, place, errors);
  const expected = isMetricType(type) ? metricSources[type] : undefined;
  if (expected === undefined) errors.push(unknown);
  else if (!metric[expected]) {
    const text = 'must populate information for the given metric source';
    errors.push(required(`${field}.${expected}`, text));
  }
  if (present.length === 1) return;
  for (const name of present) {
    if (name === expected) continue;
    errors.push(forbiddenField(`${field}.${name}`, 'must populate the given metric source only'));
  }
}

function isMetricType(type: string): type is keyof typeof metricSources {
  return Object.hasOwn(metricSources, type);
}

type SourceName = (typeof metricSources)[keyof typeof metricSources];

interface Source {
  readonly name?: string;
  readonly container?: string;
  readonly metric?: Draft<MetricIdentifier>;
  readonly describedObject?: Draft<CrossVersionObjectReference>;
  readonly target?: Draft<MetricTarget>;
}

function validateSource(
  metric: Draft<MetricSpec>,
  name: SourceName,
  { field, stored }: MetricPlace,
  errors: FieldErrors,
): void {
  const source: Source = metric[name] ?? {};
  const path = `${field}.${name}`;
  const isOfResource = name === 'resource' || name === 'containerResource';
  if (isOfResource) validateResourceName(source, { path, name }, errors);
  else {
    if (name === 'object') {
      const before = stored?.object?.describedObject;
      const place = {
        field: `${path}.describedObject`,
        mayLackGroup: true,
        ...(before && { stored: before }),
      };
      validateObjectReference(source.describedObject ?? {}, place, errors);
    }
    validateIdentifier(source.metric ?? {}, `${path}.metric`, errors);
  }
  const target = source.target ?? {};
  validateTarget(target, `${path}.target`, errors);
  if (isOfResource) expectUtilizationOrAverage(target, `${path}.target`, errors);
  else expectValueOrAverage(target, { field: `${path}.target`, name }, errors);
}

function validateResourceName(
  source: Source,
  { path, name }: { readonly path: string; readonly name: SourceName },
  errors: FieldErrors,
): void {
  if (!source.name) errors.push(required(`${path}.name`, 'must specify a resource name'));
  if (name !== 'containerResource') return;
  if (!source.container) errors.push(required(`${path}.container`, 'must specify a container'));
  else expectDnsLabel(source.container, `${path}.container`, errors);
}

function validateIdentifier(
  metric: Draft<MetricIdentifier>,
  field: string,
  errors: FieldErrors,
): void {
  if (!metric.name) errors.push(required(`${field}.name`, 'must specify a metric name'));
  else {
    const wrong = checkPathSegment(metric.name);
    if (wrong !== undefined) errors.push(invalidValue(`${field}.name`, metric.name, wrong));
  }
  validateLabelSelector(metric.selector, `${field}.selector`, errors);
}

function validateTarget(target: Draft<MetricTarget>, field: string, errors: FieldErrors): void {
  const type = target.type ?? '';
  if (type === '') errors.push(required(`${field}.type`, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    const text = 'must be either Utilization, Value, or AverageValue';
    errors.push(invalidValue(`${field}.type`, type, text));
  }
  for (const name of ['value', 'averageValue'] as const) {
    const amount = target[name];
    if (amount !== undefined && !isPositiveAmount(amount)) {
      errors.push(invalidValue(`${field}.${name}`, amount, 'must be positive'));
    }
  }
  const utilization = target.averageUtilization;
  if (utilization !== undefined && utilization < 1) {
    const text = 'must be greater than 0';
    errors.push(invalidValue(`${field}.averageUtilization`, utilization, text));
  }
}

/** The usage of a resource is wanted as a share of what is requested, or as an amount. */
function expectUtilizationOrAverage(
  { averageUtilization, averageValue }: Draft<MetricTarget>,
  field: string,
  errors: FieldErrors,
): void {
  if (averageUtilization === undefined && averageValue === undefined) {
    const text = 'must set either a target raw value or a target utilization';
    errors.push(required(`${field}.averageUtilization`, text));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const text = 'may not set both a target raw value and a target utilization';
    errors.push(forbiddenField(`${field}.averageValue`, text));
  }
}

/** Other metrics have a value: as a whole or, of pods always, on average. */
function expectValueOrAverage(
  { value, averageValue }: Draft<MetricTarget>,
  { field, name }: { readonly field: string; readonly name: SourceName },
  errors: FieldErrors,
): void {
  const path = `${field}.averageValue`;
  if (name === 'pods') {
    if (averageValue !== undefined) return;
    errors.push(required(path, 'must specify a positive target averageValue'));
  } else if (value === undefined && averageValue === undefined) {
    const text =
      name === 'object'
        ? 'must set either a target value or averageValue'
        : 'must set either a target value for metric or a per-pod target';
    errors.push(required(path, text));
  } else if (name === 'external' && value !== undefined && averageValue !== undefined) {
    const text = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbiddenField(`${field}.value`, text));
  }
}
