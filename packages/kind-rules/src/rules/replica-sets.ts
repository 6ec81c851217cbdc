import {
  checkDnsSubdomain,
  type FieldError,
  labelsOf,
  metadataOf,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { ReplicaSet } from '@fairway/kinds/apps/v1';
import type { ReplicationController } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, expectNonNegative, FieldErrors } from '../field-checks.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { statusRules } from './status-subresource.ts';
import {
  forbidActiveDeadline,
  validateReplicaCounts,
  validateWorkloadSelector,
  validateWorkloadTemplate,
} from './workload-templates.ts';

type ReplicaSetDraft = ObjectDraft<ReplicaSet>;
type ReplicationControllerDraft = ObjectDraft<ReplicationController>;

const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];

/** Source: apps/v1 ReplicaSet; apps validation, ValidateReplicaSet. */
export const replicaSetRules: KindRules<ReplicaSetDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (set) => {
    set.spec ??= {};
    set.spec.replicas ??= 1;
    set.spec.template ??= {};
    applyPodTemplateDefaults(set.spec.template);
  },
  ...statusRules<ReplicaSetDraft>(() => ({ replicas: 0 })),
  validate: validateReplicaSet,
  validateUpdate: (set, stored) => {
    const errors = new FieldErrors();
    const value = { value: set.spec?.selector, stored: stored.spec?.selector };
    expectImmutable({ ...value, field: 'spec.selector' }, errors);
    validateReplicaCounts(set.status, { whole: 'replicas', parts }, errors);
    return errors;
  },
};

function validateReplicaSet(set: ReplicaSetDraft, stored?: ReplicaSetDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = set.spec ?? {};
  expectNonNegative(spec.replicas, 'spec.replicas', errors);
  expectNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  validateWorkloadSelector(spec.selector, 'deployment', errors);
  validateWorkloadTemplate(
    spec,
    { field: 'spec.template', stored: stored?.spec?.template },
    errors,
  );
  forbidActiveDeadline(spec.template, 'ReplicaSet', errors);
  return errors;
}

/**
 * An absent selector is taken from the template's labels.
 * Source: v1 ReplicationController; core validation, ValidateReplicationController.
 */
export const replicationControllerRules: KindRules<ReplicationControllerDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (controller) => {
    controller.spec ??= {};
    const spec = controller.spec;
    spec.replicas ??= 1;
    const labels = labelsOf(spec.template ?? {});
    if (Object.keys(labels).length > 0) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
      if (Object.keys(labelsOf(controller)).length === 0) {
        metadataOf(controller).labels = { ...labels };
      }
    }
    if (spec.template) applyPodTemplateDefaults(spec.template);
  },
  ...statusRules<ReplicationControllerDraft>(() => ({ replicas: 0 })),
  validate: validateReplicationController,
  validateUpdate: (controller) => {
    const errors = new FieldErrors();
    validateReplicaCounts(controller.status, { whole: 'replicas', parts }, errors);
    return errors;
  },
  fieldLabels: { 'status.replicas': (controller) => String(controller.status?.replicas ?? 0) },
};

function validateReplicationController(
  controller: ReplicationControllerDraft,
  stored?: ReplicationControllerDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = controller.spec ?? {};
  expectNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  if (Object.keys(spec.selector ?? {}).length === 0) errors.push(required('spec.selector'));
  expectNonNegative(spec.replicas, 'spec.replicas', errors);
  if (!spec.template) {
    errors.push(required('spec.template'));
    return errors;
  }
  const selector = spec.selector === undefined ? {} : { selector: { matchLabels: spec.selector } };
  const place = { field: 'spec.template', stored: stored?.spec?.template };
  validateWorkloadTemplate({ template: spec.template, ...selector }, place, errors);
  forbidActiveDeadline(spec.template, 'ReplicationController', errors);
  return errors;
}
