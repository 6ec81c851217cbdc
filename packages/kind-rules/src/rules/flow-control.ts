import {
  checkDnsSubdomain,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { FlowSchema, PriorityLevelConfiguration } from '@fairway/kinds/flowcontrol/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectNonNegative, expectOneOf, FieldErrors } from '../field-checks.ts';
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
    if (!spec.priorityLevelConfiguration?.name) {
      errors.push(
        required('spec.priorityLevelConfiguration.name', 'must reference a priority level'),
      );
    }
    spec.rules?.forEach((rule, index) => {
      if (!rule.subjects?.length) {
        const text = 'subjects must contain at least one value';
        errors.push(required(`spec.rules[${index}].subjects`, text));
      }
      if (!rule.resourceRules?.length && !rule.nonResourceRules?.length) {
        const text = 'at least one of resourceRules and nonResourceRules has to be non-empty';
        errors.push(required(`spec.rules[${index}]`, text));
      }
    });
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
  const spec = level.spec ?? {};
  expectOneOf(spec.type, { field: 'spec.type', supported: ['Exempt', 'Limited'] }, errors);
  if (spec.type === 'Exempt' && spec.limited) {
    errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'));
  }
  if (spec.type !== 'Limited') return errors;
  if (spec.exempt) {
    errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'));
  }
  const limited = spec.limited;
  if (!limited) {
    errors.push(required('spec.limited', 'must not be empty when type is Limited'));
    return errors;
  }
  expectNonNegative(
    limited.nominalConcurrencyShares,
    'spec.limited.nominalConcurrencyShares',
    errors,
  );
  const percent = limited.lendablePercent ?? 0;
  if (percent < 0 || percent > 100) {
    const text = 'must be between 0 and 100, inclusive';
    errors.push(invalidValue('spec.limited.lendablePercent', percent, text));
  }
  const response = limited.limitResponse ?? {};
  const field = 'spec.limited.limitResponse';
  expectOneOf(response.type, { field: `${field}.type`, supported: ['Queue', 'Reject'] }, errors);
  if (response.type === 'Reject' && response.queuing) {
    const text = 'must be nil if limited.limitResponse.type is not Limited';
    errors.push(forbiddenField(`${field}.queuing`, text));
  }
  if (response.type === 'Queue' && !response.queuing) {
    const text = 'must not be empty if limited.limitResponse.type is Limited';
    errors.push(required(`${field}.queuing`, text));
  }
  if (response.queuing?.handSize === undefined) return errors;
  if ((response.queuing?.handSize ?? 0) > (response.queuing?.queues ?? 0)) {
    const text = `should not be greater than queues (${response.queuing?.queues})`;
    errors.push(invalidValue(`${field}.queuing.handSize`, response.queuing?.handSize, text));
  }
  return errors;
}
