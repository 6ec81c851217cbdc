import {
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  equalsJson,
} from '@fairway/protocol';
import type { StatefulSet, StatefulSetSpec } from '@fairway/kinds/apps/v1';
import type { Volume } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectCountOrPercent,
  expectNonNegative,
  expectOptionalOneOf,
  FieldErrors,
} from '../field-checks.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { statusRules } from './status-subresource.ts';
import {
  expectRestartAlways,
  expectSelectedTemplate,
  forbidActiveDeadline,
  validateReplicaCounts,
  validateWorkloadSelector,
} from './workload-templates.ts';
import { validatePodTemplate } from './validate-pod-spec.ts';

const nameCharactersMax = 63;

type StatefulSetDraft = ObjectDraft<StatefulSet>;

/**
 * Source: apps/v1 StatefulSet; apps validation, ValidateStatefulSet; KEP-1847 for what becomes of
 * its claims.
 */
export const statefulSetRules: KindRules<StatefulSetDraft> = {
  checkName,
  applyDefaults,
  ...statusRules<StatefulSetDraft>(() => ({ replicas: 0, availableReplicas: 0 })),
  validate,
  validateUpdate,
};

/** Names become host names of pods, so they have no dots and the length of a label. */
function checkName(name: string): string | undefined {
  const wrong = checkDnsSubdomain(name);
  if (wrong !== undefined) return wrong;
  if (name.includes('.')) return 'must not contain dots';
  return name.length > nameCharactersMax
    ? `must be no more than ${nameCharactersMax} characters`
    : undefined;
}

function applyDefaults(set: StatefulSetDraft): void {
  set.spec ??= {};
  const spec = set.spec;
  if (!spec.podManagementPolicy) spec.podManagementPolicy = 'OrderedReady';
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  if (!retention.whenDeleted) retention.whenDeleted = 'Retain';
  if (!retention.whenScaled) retention.whenScaled = 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= 'v1';
    claim.kind ??= 'PersistentVolumeClaim';
    claim.spec ??= {};
    claim.spec.volumeMode ??= 'Filesystem';
    claim.status ??= {};
    claim.status.phase ??= 'Pending';
  }
  spec.template ??= {};
  applyPodTemplateDefaults(spec.template);
}

function validate(set: StatefulSetDraft, stored?: StatefulSetDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = set.spec ?? {};
  validatePolicies(spec, errors);
  expectNonNegative(spec.replicas, 'spec.replicas', errors);
  expectNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  expectNonNegative(spec.ordinals?.start, 'spec.ordinals.start', errors);
  validateWorkloadSelector(spec.selector, 'statefulset', errors);
  expectSelectedTemplate(spec, 'spec.template', errors);
  const place = { field: 'spec.template', stored: stored?.spec?.template };
  validatePodTemplate(withClaimVolumes(spec), place, errors);
  expectRestartAlways(spec.template ?? {}, 'spec.template', errors);
  forbidActiveDeadline(spec.template, 'StatefulSet', errors);
  return errors;
}

/** Containers may mount what the claim templates will provide. */
function withClaimVolumes(
  spec: Draft<StatefulSetSpec>,
): NonNullable<Draft<StatefulSetSpec>['template']> {
  const template = spec.template ?? {};
  const claims = spec.volumeClaimTemplates ?? [];
  if (claims.length === 0) return template;
  const own = template.spec?.volumes ?? [];
  const names = new Set(own.map((volume) => volume.name));
  const volumes: Draft<Volume>[] = claims
    .map((claim) => claim.metadata?.name ?? '')
    .filter((name) => !names.has(name))
    .map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...own, ...volumes] } };
}

function validatePolicies(spec: Draft<StatefulSetSpec>, errors: FieldErrors): void {
  const management: string = spec.podManagementPolicy ?? '';
  if (management === '') errors.push(required('spec.podManagementPolicy'));
  else if (management !== 'OrderedReady' && management !== 'Parallel') {
    const text = "must be 'OrderedReady' or 'Parallel'";
    errors.push(invalidValue('spec.podManagementPolicy', management, text));
  }
  const strategy = spec.updateStrategy ?? {};
  const type: string = strategy.type ?? '';
  const field = 'spec.updateStrategy';
  if (type === '') errors.push(required(field));
  else if (type === 'OnDelete') {
    if (strategy.rollingUpdate) {
      const text = "only allowed for updateStrategy 'RollingUpdate'";
      errors.push(invalidValue(`${field}.rollingUpdate`, strategy.rollingUpdate, text));
    }
  } else if (type === 'RollingUpdate') {
    const rolling = strategy.rollingUpdate;
    expectNonNegative(rolling?.partition, `${field}.rollingUpdate.partition`, errors);
    expectCountOrPercent(rolling?.maxUnavailable, `${field}.rollingUpdate.maxUnavailable`, errors);
  } else {
    errors.push(invalidValue(field, strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  }
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  for (const name of ['whenDeleted', 'whenScaled'] as const) {
    const place = {
      field: `spec.persistentVolumeClaimRetentionPolicy.${name}`,
      supported: ['Retain', 'Delete'],
    };
    expectOptionalOneOf(retention?.[name], place, errors);
  }
}

const updatableFields = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

function validateUpdate(set: StatefulSetDraft, stored: StatefulSetDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const compared: Record<string, unknown> = { ...set.spec };
  for (const name of updatableFields) compared[name] = stored.spec?.[name];
  if (!equalsJson(compared, { ...stored.spec })) {
    errors.push(
      forbiddenField(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
  }
  const parts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
  validateReplicaCounts(set.status, { whole: 'replicas', parts }, errors);
  return errors;
}
