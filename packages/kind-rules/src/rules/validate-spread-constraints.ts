import {
  type Draft,
  duplicate,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type { TopologySpreadConstraint } from '@fairway/kinds/core/v1';
import type { LabelSelector } from '@fairway/kinds/meta/v1';

import { expectOptionalOneOf, expectQualifiedName, type FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';

// Source: v1 TopologySpreadConstraint; core validation, validateTopologySpreadConstraints.

/** What is wrong with how pods are to be spread. */
export function validateSpreadConstraints(
  constraints: readonly Draft<TopologySpreadConstraint>[],
  field: string,
  errors: FieldErrors,
): void {
  const pairs = new Set<string>();
  constraints.forEach((constraint, index) => {
    const path = `${field}[${index}]`;
    const maxSkew = constraint.maxSkew ?? 0;
    if (maxSkew <= 0) {
      errors.push(invalidValue(`${path}.maxSkew`, maxSkew, 'must be greater than zero'));
    }
    if (!constraint.topologyKey) {
      errors.push(required(`${path}.topologyKey`, 'can not be empty'));
    } else expectQualifiedName(constraint.topologyKey, `${path}.topologyKey`, errors);
    const whenUnsatisfiable = constraint.whenUnsatisfiable ?? '';
    const supported = ['DoNotSchedule', 'ScheduleAnyway'];
    if (!supported.includes(whenUnsatisfiable)) {
      errors.push(unsupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, supported));
    }
    const pair = `{${constraint.topologyKey}, ${whenUnsatisfiable}}`;
    if (pairs.has(pair)) {
      errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pair));
    }
    pairs.add(pair);
    const minDomains = constraint.minDomains;
    if (minDomains !== undefined && minDomains <= 0) {
      errors.push(invalidValue(`${path}.minDomains`, minDomains, 'must be greater than zero'));
    }
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
      const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(invalidValue(`${path}.minDomains`, minDomains, text));
    }
    const policies = ['Honor', 'Ignore'];
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const place = { field: `${path}.${name}`, supported: policies };
      expectOptionalOneOf(constraint[name], place, errors);
    }
    validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`, errors);
    validateMatchLabelKeys(constraint, path, errors);
  });
}

/** Labels whose values the pod itself brings; a selector names them no second time. */
function validateMatchLabelKeys(
  constraint: Draft<TopologySpreadConstraint>,
  field: string,
  errors: FieldErrors,
): void {
  const keys = constraint.matchLabelKeys ?? [];
  if (keys.length === 0) return;
  const path = `${field}.matchLabelKeys`;
  if (!constraint.labelSelector) {
    errors.push(forbiddenField(path, 'must not be specified when labelSelector is not set'));
    return;
  }
  const selected = selectedKeys(constraint.labelSelector);
  keys.forEach((key, index) => {
    expectQualifiedName(key, `${path}[${index}]`, errors);
    if (!selected.has(key)) return;
    const text = 'exists in both matchLabelKeys and labelSelector';
    errors.push(invalidValue(`${path}[${index}]`, key, text));
  });
}

function selectedKeys({
  matchLabels,
  matchExpressions,
}: Draft<LabelSelector>): ReadonlySet<string> {
  const expressed = (matchExpressions ?? []).map(({ key }) => key ?? '');
  return new Set([...Object.keys(matchLabels ?? {}), ...expressed]);
}
