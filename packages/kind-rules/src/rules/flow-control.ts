import {
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  FlowSchema,
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '@fairway/kinds/flowcontrol/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectDnsSubdomain, expectOneOf, FieldErrors } from '../field-checks.ts';
import { validateFlowRule } from './validate-flow-rule.ts';
import { statusRules } from './status-subresource.ts';

type FlowSchemaDraft = ObjectDraft<FlowSchema>;
type PriorityLevelDraft = ObjectDraft<PriorityLevelConfiguration>;

/**
 * Precedence 1 is for the schema named `exempt`.
 * Source: flowcontrol.apiserver.k8s.io/v1 FlowSchema; flowcontrol validation; KEP-1040.
 */
export const flowSchemaRules: KindRules<FlowSchemaDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (schema) => {
    schema.spec ??= {};
    if (!schema.spec.matchingPrecedence) schema.spec.matchingPrecedence = 1000;
  },
  ...statusRules<FlowSchemaDraft>(() => ({})),
  validate: (schema) => {
    const errors = new FieldErrors();
    const spec = schema.spec ?? {};
    const precedence = spec.matchingPrecedence ?? 0;
    if (precedence <= 0) {
      const text = 'must be a positive value';
      errors.push(invalidValue('spec.matchingPrecedence', precedence, text));
    }
    if (precedence > 10000) {
      const text = 'must not be greater than 10000';
      errors.push(invalidValue('spec.matchingPrecedence', precedence, text));
    }
    if (precedence === 1 && schema.metadata?.name !== 'exempt') {
      const text = "only the schema named 'exempt' may have matchingPrecedence 1";
      errors.push(invalidValue('spec.matchingPrecedence', precedence, text));
    }
    const method = spec.distinguisherMethod;
    if (method) {
      const supported = ['ByNamespace', 'ByUser'];
      expectOneOf(method.type, { field: 'spec.distinguisherMethod.type', supported }, errors);
    }
    const level = spec.priorityLevelConfiguration?.name;
    const levelField = 'spec.priorityLevelConfiguration.name';
    if (level) expectDnsSubdomain(level, levelField, errors);
    else errors.push(required(levelField, 'must reference a priority level'));
    spec.rules?.forEach((rule, index) => validateFlowRule(rule, `spec.rules[${index}]`, errors));
    return errors;
  },
};

/**
 * Source: flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration; flowcontrol validation;
 * KEP-1040.
 */
export const priorityLevelConfigurationRules: KindRules<PriorityLevelDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (level) => {
    level.spec ??= {};
    const { exempt, limited } = level.spec;
    if (exempt) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    if (!limited) return;
    limited.nominalConcurrencyShares ??= 30;
    limited.lendablePercent ??= 0;
    const queuing = limited.limitResponse?.queuing;
    if (!queuing) return;
    if (!queuing.handSize) queuing.handSize = 8;
    if (!queuing.queues) queuing.queues = 64;
    if (!queuing.queueLengthLimit) queuing.queueLengthLimit = 50;
  },
  ...statusRules<PriorityLevelDraft>(() => ({})),
  validate: validatePriorityLevel,
};

function validatePriorityLevel(level: PriorityLevelDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const { type, exempt, limited } = level.spec ?? {};
  if ((level.metadata?.name === 'exempt') !== (type === 'Exempt')) {
    const text = "type must be 'Exempt' if and only if name is 'exempt'";
    errors.push(invalidValue('spec.type', type ?? '', text));
  }
  if (type === 'Exempt') {
    if (limited) {
      errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'));
    }
    if (exempt) validateShares(exempt, 'spec.exempt', errors);
  } else if (type === 'Limited') {
    if (exempt) errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'));
    if (limited) validateLimited(limited, 'spec.limited', errors);
    else errors.push(required('spec.limited', 'must not be empty when type is Limited'));
  } else errors.push(unsupported('spec.type', type ?? '', ['Exempt', 'Limited']));
  return errors;
}

interface Shares {
  readonly nominalConcurrencyShares?: number;
  readonly lendablePercent?: number;
}

function validateShares(shares: Shares, field: string, errors: FieldErrors): void {
  const { nominalConcurrencyShares: count = 0, lendablePercent: percent = 0 } = shares;
  if (count < 0) {
    const text = 'must be a non-negative integer';
    errors.push(invalidValue(`${field}.nominalConcurrencyShares`, count, text));
  }
  if (percent >= 0 && percent <= 100) return;
  const text = 'must be between 0 and 100, inclusive';
  errors.push(invalidValue(`${field}.lendablePercent`, percent, text));
}

function validateLimited(
  limited: Draft<LimitedPriorityLevelConfiguration>,
  field: string,
  errors: FieldErrors,
): void {
  validateShares(limited, field, errors);
  const path = `${field}.limitResponse`;
  const { type, queuing } = limited.limitResponse ?? {};
  if (type === 'Reject') {
    const text = 'must be nil if limited.limitResponse.type is not Limited';
    if (queuing) errors.push(forbiddenField(`${path}.queuing`, text));
  } else if (type === 'Queue') {
    const text = 'must not be empty if limited.limitResponse.type is Limited';
    if (queuing) validateQueuing(queuing, `${path}.queuing`, errors);
    else errors.push(required(`${path}.queuing`, text));
  } else errors.push(unsupported(`${path}.type`, type ?? '', ['Queue', 'Reject']));
  const borrowed = limited.borrowingLimitPercent;
  if (borrowed === undefined || borrowed >= 0) return;
  const text = 'if specified, must be a non-negative integer';
  errors.push(invalidValue(`${field}.borrowingLimitPercent`, borrowed, text));
}

const queuesMax = 10_000_000;
/** Of a hash, from which the queues of a flow are dealt. */
const hashBitsMax = 60;

function validateQueuing(
  { queueLengthLimit = 0, queues = 0, handSize = 0 }: Draft<QueuingConfiguration>,
  field: string,
  errors: FieldErrors,
): void {
  if (queueLengthLimit <= 0) {
    errors.push(invalidValue(`${field}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  }
  const refuse = (name: string, value: number, text: string): void => {
    errors.push(invalidValue(`${field}.${name}`, value, text));
  };
  if (queues <= 0) refuse('queues', queues, 'must be positive');
  else if (queues > queuesMax) refuse('queues', queues, `must not be greater than ${queuesMax}`);
  if (handSize <= 0) return refuse('handSize', handSize, 'must be positive');
  if (handSize > queues) {
    return refuse('handSize', handSize, `should not be greater than queues (${queues})`);
  }
  if (Math.ceil(Math.log2(queues) * handSize) <= hashBitsMax) return;
  const text = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${hashBitsMax}`;
  refuse('handSize', handSize, text);
}
