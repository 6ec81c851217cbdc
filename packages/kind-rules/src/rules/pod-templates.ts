import { checkDnsSubdomain, type ObjectDraft, required, unsupported } from '@fairway/protocol';
import type { ControllerRevision } from '@fairway/kinds/apps/v1';
import type { Binding, PodTemplate } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, expectNonNegative, FieldErrors } from '../field-checks.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { validatePodTemplate } from './validate-pod-spec.ts';

/** Source: v1 PodTemplate; core validation, ValidatePodTemplate. */
export const podTemplateRules: KindRules<ObjectDraft<PodTemplate>> = {
  checkName: checkDnsSubdomain,
  deletion: { answersObject: true },
  applyDefaults: (holder) => {
    holder.template ??= {};
    applyPodTemplateDefaults(holder.template);
  },
  validate: (holder, stored) => {
    const errors = new FieldErrors();
    validatePodTemplate(
      holder.template ?? {},
      { field: 'template', stored: stored?.template },
      errors,
    );
    return errors;
  },
};

/** Source: apps/v1 ControllerRevision; apps validation, ValidateControllerRevision. */
export const controllerRevisionRules: KindRules<ObjectDraft<ControllerRevision>> = {
  checkName: checkDnsSubdomain,
  validate: (revision) => {
    const errors = new FieldErrors();
    if (!revision.data) errors.push(required('data', 'data is mandatory'));
    expectNonNegative(revision.revision, 'revision', errors);
    return errors;
  },
  validateUpdate: (revision, stored) => {
    const errors = new FieldErrors();
    expectImmutable({ value: revision.data, stored: stored.data, field: 'data' }, errors);
    return errors;
  },
};

/**
 * Says to which node a pod goes. Never stored.
 * Source: v1 Binding; core validation, ValidatePodBinding.
 */
export const bindingRules: KindRules<ObjectDraft<Binding>> = {
  checkName: checkDnsSubdomain,
  validate: (binding) => {
    const errors = new FieldErrors();
    const kind = binding.target?.kind ?? '';
    if (kind !== '' && kind !== 'Node') {
      errors.push(unsupported('target.kind', kind, ['Node', '<empty>']));
    }
    if (!binding.target?.name) errors.push(required('target.name'));
    return errors;
  },
};
