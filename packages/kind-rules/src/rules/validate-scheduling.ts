import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  type Draft,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
} from '@fairway/kinds/core/v1';

import { expectOptionalOneOf, expectQualifiedName, type FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';

export const taintEffects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const requiredRules = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredRules = 'preferredDuringSchedulingIgnoredDuringExecution';

/** What is wrong with tolerations. Source: core validation, ValidateTolerations. */
export function validateTolerations(
  tolerations: readonly Draft<Toleration>[],
  field: string,
  errors: FieldErrors,
): void {
  tolerations.forEach((toleration, index) => {
    const path = `${field}[${index}]`;
    const { operator, effect } = toleration;
    if (toleration.key) expectQualifiedName(toleration.key, `${path}.key`, errors);
    else if (operator !== 'Exists') {
      const text =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalidValue(`${path}.operator`, operator ?? '', text));
    }
    if (isGiven(toleration.tolerationSeconds) && effect !== 'NoExecute') {
      const text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalidValue(`${path}.effect`, effect ?? '', text));
    }
    validateTolerationValue(toleration, `${path}.operator`, errors);
    if (effect) {
      expectOptionalOneOf(effect, { field: `${path}.effect`, supported: taintEffects }, errors);
    }
  });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function validateTolerationValue(
  toleration: Draft<Toleration>,
  field: string,
  errors: FieldErrors,
): void {
  const operator: string = toleration.operator ?? '';
  const value = toleration.value ?? '';
  if (operator === '' || operator === 'Equal') {
    const wrong = checkLabelValue(value);
    if (wrong !== undefined) errors.push(invalidValue(field, value, wrong));
  } else if (operator === 'Exists') {
    if (value !== '') {
      errors.push(invalidValue(field, value, "value must be empty when `operator` is 'Exists'"));
    }
  } else {
    errors.push(unsupported(field, operator, ['Equal', 'Exists']));
  }
}

/** What is wrong with where a pod wants to be. */
export function validateAffinity(
  affinity: Draft<Affinity> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!affinity) return;
  const node = affinity.nodeAffinity;
  if (node?.[requiredRules]) {
    validateNodeSelector(node[requiredRules], `${field}.nodeAffinity.${requiredRules}`, errors);
  }
  node?.[preferredRules]?.forEach((term, index) => {
    const path = `${field}.nodeAffinity.${preferredRules}[${index}]`;
    expectWeight(term.weight, `${path}.weight`, errors);
    validateNodeSelectorTerm(term.preference ?? {}, `${path}.preference`, errors);
  });
  validatePodAffinity(affinity.podAffinity, `${field}.podAffinity`, errors);
  validatePodAffinity(affinity.podAntiAffinity, `${field}.podAntiAffinity`, errors);
}

function validatePodAffinity(
  affinity: Draft<PodAffinity> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  affinity?.[requiredRules]?.forEach((term, index) => {
    validatePodAffinityTerm(term, `${field}.${requiredRules}[${index}]`, errors);
  });
  affinity?.[preferredRules]?.forEach((weighted, index) => {
    const path = `${field}.${preferredRules}[${index}]`;
    expectWeight(weighted.weight, `${path}.weight`, errors);
    validatePodAffinityTerm(weighted.podAffinityTerm ?? {}, `${path}.podAffinityTerm`, errors);
  });
}

function expectWeight(weight: number | undefined, field: string, errors: FieldErrors): void {
  if (weight === undefined || weight <= 0 || weight > 100) {
    errors.push(invalidValue(field, weight ?? 0, 'must be in the range 1-100'));
  }
}

function validatePodAffinityTerm(
  term: Draft<PodAffinityTerm>,
  field: string,
  errors: FieldErrors,
): void {
  validateLabelSelector(term.labelSelector, `${field}.labelSelector`, errors);
  validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`, errors);
  for (const namespace of term.namespaces ?? []) {
    const wrong = checkDnsLabel(namespace);
    if (wrong !== undefined) errors.push(invalidValue(`${field}.namespace`, namespace, wrong));
  }
  validateTermLabelKeys(term, field, errors);
  if (!term.topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  expectQualifiedName(term.topologyKey ?? '', `${field}.topologyKey`, errors);
}

/** Labels whose values the pod itself brings: looked for, or avoided, not both. */
function validateTermLabelKeys(
  term: Draft<PodAffinityTerm>,
  field: string,
  errors: FieldErrors,
): void {
  const avoided = new Set(term.mismatchLabelKeys);
  for (const name of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    const keys = term[name] ?? [];
    if (keys.length > 0 && !term.labelSelector) {
      const text = 'must not be specified when labelSelector is not set';
      errors.push(forbiddenField(`${field}.${name}`, text));
    }
    keys.forEach((key, index) => {
      const path = `${field}.${name}[${index}]`;
      expectQualifiedName(key, path, errors);
      if (name === 'mismatchLabelKeys' || !avoided.has(key)) return;
      errors.push(invalidValue(path, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
    });
  }
}

/** What is wrong with a choice of nodes. */
export function validateNodeSelector(
  selector: Draft<NodeSelector>,
  field: string,
  errors: FieldErrors,
): void {
  const terms = selector.nodeSelectorTerms ?? [];
  const path = `${field}.nodeSelectorTerms`;
  if (terms.length === 0) {
    errors.push(required(path, 'must have at least one node selector term'));
  }
  terms.forEach((term, index) => validateNodeSelectorTerm(term, `${path}[${index}]`, errors));
}

function validateNodeSelectorTerm(
  term: Draft<NodeSelectorTerm>,
  field: string,
  errors: FieldErrors,
): void {
  term.matchExpressions?.forEach((requirement, index) => {
    validateNodeRequirement(requirement, `${field}.matchExpressions[${index}]`, errors);
  });
  term.matchFields?.forEach((requirement, index) => {
    validateNodeField(requirement, `${field}.matchFields[${index}]`, errors);
  });
}

function validateNodeRequirement(
  requirement: Draft<NodeSelectorRequirement>,
  field: string,
  errors: FieldErrors,
): void {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        const text = "must be specified when `operator` is 'In' or 'NotIn'";
        errors.push(required(`${field}.values`, text));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbiddenField(`${field}.values`, text));
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        const text = "must be specified single value when `operator` is 'Lt' or 'Gt'";
        errors.push(required(`${field}.values`, text));
      }
      break;
    default:
      errors.push(
        invalidValue(
          `${field}.operator`,
          requirement.operator ?? '',
          'not a valid selector operator',
        ),
      );
  }
  expectQualifiedName(requirement.key ?? '', `${field}.key`, errors);
  values.forEach((value, index) => {
    const wrong = checkLabelValue(value);
    if (wrong !== undefined) errors.push(invalidValue(`${field}.values[${index}]`, value, wrong));
  });
}

function validateNodeField(
  requirement: Draft<NodeSelectorRequirement>,
  field: string,
  errors: FieldErrors,
): void {
  const values = requirement.values ?? [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn') {
    const text = 'not a valid selector operator';
    errors.push(invalidValue(`${field}.operator`, requirement.operator ?? '', text));
  } else if (values.length !== 1) {
    const text =
      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${field}.values`, text));
  }
  if (requirement.key !== 'metadata.name') {
    const text = 'not a valid field selector key';
    errors.push(invalidValue(`${field}.key`, requirement.key ?? '', text));
    return;
  }
  values.forEach((value, index) => {
    const wrong = checkDnsSubdomain(value);
    if (wrong !== undefined) errors.push(invalidValue(`${field}.values[${index}]`, value, wrong));
  });
}
