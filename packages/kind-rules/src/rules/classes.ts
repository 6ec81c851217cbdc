import {
  checkDnsLabel,
  checkDnsSubdomain,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  unsupported,
} from '@fairway/protocol';
import type { ServiceAccount } from '@fairway/kinds/core/v1';
import type { Lease } from '@fairway/kinds/coordination/v1';
import type { RuntimeClass } from '@fairway/kinds/node/v1';
import type { PriorityClass } from '@fairway/kinds/scheduling/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectContainerResourceName, validateResourceAmount } from './compute-resources.ts';
import {
  expectImmutable,
  expectLabels,
  expectNonNegative,
  expectOptionalOneOf,
  expectQualifiedName,
  FieldErrors,
} from '../field-checks.ts';
import { validateTolerations } from './validate-scheduling.ts';

type PriorityClassDraft = ObjectDraft<PriorityClass>;

/** What users may give; the rest is the system's. */
const userPriorityMax = 1_000_000_000;
/** The system's own classes and their values. */
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/**
 * Names with the prefix `system-` belong to Kubernetes, and each has its one value.
 * Source: scheduling.k8s.io/v1 PriorityClass; scheduling validation.
 */
export const priorityClassRules: KindRules<PriorityClassDraft> = {
  checkName: checkDnsSubdomain,
  deletion: {
    refusal: ({ metadata }) =>
      Object.hasOwn(systemClasses, metadata?.name ?? '')
        ? 'this is a system priority class and cannot be deleted'
        : undefined,
  },
  applyDefaults: (priorityClass) => {
    priorityClass.value ??= 0;
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate: validatePriorityClass,
  validateUpdate: (priorityClass, stored) => {
    const errors = new FieldErrors();
    if ((priorityClass.value ?? 0) !== (stored.value ?? 0)) {
      errors.push(forbiddenField('value', 'may not be changed in an update.'));
    }
    const policy = { value: priorityClass.preemptionPolicy, stored: stored.preemptionPolicy };
    expectImmutable({ ...policy, field: 'preemptionPolicy' }, errors);
    return errors;
  },
};

function validatePriorityClass(priorityClass: PriorityClassDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const name = priorityClass.metadata?.name ?? '';
  const value = priorityClass.value ?? 0;
  if (name.startsWith('system-')) {
    if (systemClasses[name] !== value) {
      const text =
        "priority class names with 'system-' prefix are reserved for system use only. error: " +
        wrongSystemClass(name);
      errors.push(forbiddenField('metadata.name', text));
    }
  } else if (value > userPriorityMax) {
    const text = `maximum allowed value of a user defined priority is ${userPriorityMax}`;
    errors.push(forbiddenField('value', text));
  }
  const supported = ['PreemptLowerPriority', 'Never'];
  const policy = { field: 'preemptionPolicy', supported };
  expectOptionalOneOf(priorityClass.preemptionPolicy, policy, errors);
  return errors;
}

function wrongSystemClass(name: string): string {
  const expected = systemClasses[name];
  return expected === undefined
    ? `${name} is not a known system priority class`
    : `value of ${name} PriorityClass must be ${expected}`;
}

/** Source: node.k8s.io/v1 RuntimeClass; node validation. */
export const runtimeClassRules: KindRules<ObjectDraft<RuntimeClass>> = {
  checkName: checkDnsSubdomain,
  validate: (runtimeClass) => {
    const errors = new FieldErrors();
    const handler = runtimeClass.handler ?? '';
    const wrong = checkDnsLabel(handler);
    if (wrong !== undefined) errors.push(invalidValue('handler', handler, wrong));
    for (const [name, amount] of Object.entries(runtimeClass.overhead?.podFixed ?? {})) {
      const field = `overhead.limits[${name}]`;
      expectContainerResourceName(name, field, errors);
      validateResourceAmount({ name, amount, field }, errors);
    }
    const scheduling = runtimeClass.scheduling;
    expectLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector', errors);
    validateTolerations(scheduling?.tolerations ?? [], 'scheduling.tolerations', errors);
    return errors;
  },
  validateUpdate: (runtimeClass, stored) => {
    const errors = new FieldErrors();
    const value = { value: runtimeClass.handler, stored: stored.handler, field: 'handler' };
    expectImmutable(value, errors);
    return errors;
  },
};

/** Source: coordination.k8s.io/v1 Lease; coordination validation; KEP-4355 for `strategy`. */
export const leaseRules: KindRules<ObjectDraft<Lease>> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (lease) => {
    lease.spec ??= {};
  },
  validate: (lease) => {
    const errors = new FieldErrors();
    const spec = lease.spec ?? {};
    const seconds = spec.leaseDurationSeconds;
    if (seconds !== undefined && seconds <= 0) {
      errors.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
    }
    expectNonNegative(spec.leaseTransitions, 'spec.leaseTransitions', errors);
    if (spec.strategy !== undefined) expectStrategy(spec.strategy, errors);
    if (spec.preferredHolder && !spec.strategy) {
      const text = 'may only be specified if `strategy` is defined';
      errors.push(forbiddenField('spec.preferredHolder', text));
    }
    return errors;
  },
};

/** How a holder is chosen: a way that Kubernetes knows, or one of a domain of its own. */
function expectStrategy(strategy: string, errors: FieldErrors): void {
  // Kubernetes says the name twice.
  const field = 'spec.strategy.strategy';
  const supported = ['OldestEmulationVersion'];
  if (strategy.includes('/')) expectQualifiedName(strategy, field, errors);
  else if (!supported.includes(strategy)) errors.push(unsupported(field, strategy, supported));
}

/**
 * Of the secrets only the names are kept on a create.
 * Source: v1 ServiceAccount; core service account strategy.
 */
export const serviceAccountRules: KindRules<ObjectDraft<ServiceAccount>> = {
  checkName: checkDnsSubdomain,
  deletion: { answersObject: true },
  prepareForCreate: (account) => {
    if (account.secrets) account.secrets = account.secrets.map(({ name = '' }) => ({ name }));
  },
};
