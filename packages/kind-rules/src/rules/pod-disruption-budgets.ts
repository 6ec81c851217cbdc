import { checkDnsSubdomain, invalidValue, type ObjectDraft } from '@fairway/protocol';
import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectAtMostWhole,
  expectCountOrPercent,
  expectNonNegative,
  expectOptionalOneOf,
  FieldErrors,
} from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { statusRules } from './status-subresource.ts';

const statusCounts = [
  'disruptionsAllowed',
  'currentHealthy',
  'desiredHealthy',
  'expectedPods',
] as const;

type BudgetDraft = ObjectDraft<PodDisruptionBudget>;

/** Source: policy/v1 PodDisruptionBudget; policy validation. */
export const podDisruptionBudgetRules: KindRules<BudgetDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (budget) => {
    budget.spec ??= {};
  },
  ...statusRules<BudgetDraft>(() => ({
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  })),
  validate: (budget) => {
    const errors = new FieldErrors();
    const spec = budget.spec ?? {};
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
      const text = 'minAvailable and maxUnavailable cannot be both set';
      // Shown as the Go type spells it.
      const shown = {
        MinAvailable: spec.minAvailable,
        Selector: spec.selector ?? null,
        MaxUnavailable: spec.maxUnavailable,
        UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
      };
      errors.push(invalidValue('spec', shown, text));
    }
    for (const name of ['minAvailable', 'maxUnavailable'] as const) {
      expectCountOrPercent(spec[name], `spec.${name}`, errors);
      expectAtMostWhole(spec[name], `spec.${name}`, errors);
    }
    validateLabelSelector(spec.selector, 'spec.selector', errors);
    const supported = ['AlwaysAllow', 'IfHealthyBudget'];
    const place = { field: 'spec.unhealthyPodEvictionPolicy', supported };
    expectOptionalOneOf(spec.unhealthyPodEvictionPolicy, place, errors);
    return errors;
  },
  validateSubresource: {
    status: ({ status }) => {
      const errors = new FieldErrors();
      for (const name of statusCounts) expectNonNegative(status?.[name], `status.${name}`, errors);
      return errors;
    },
  },
};
