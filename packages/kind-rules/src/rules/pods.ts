import {
  annotationsOf,
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  equalsJson,
} from '@fairway/protocol';
import type { Container, Pod, PodSpec, Toleration } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { FieldErrors, immutableText } from '../field-checks.ts';
import { podDeletion } from './pod-deletion.ts';
import { applyPodOnlyDefaults, applyPodSpecDefaults } from './pod-spec-defaults.ts';
import { qosClassOf } from './qos-class.ts';
import { keepAllButStatus } from './status-subresource.ts';
import { expectTrimmedImage } from './validate-containers.ts';
import { validatePodSpec } from './validate-pod-spec.ts';
import { expectSameAppArmor, validateProfileAnnotations } from './validate-profile-annotations.ts';

type PodDraft = ObjectDraft<Pod>;

/**
 * Almost nothing of a pod's spec may change: an update is compared with the stored spec after every
 * field that may differ has been put back.
 * Source: v1 Pod; core validation, ValidatePodCreate and ValidatePodUpdate.
 */
export const podRules: KindRules<PodDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults,
  prepareForCreate,
  prepareForUpdate,
  prepareForStatusUpdate,
  validate,
  validateCreate,
  validateUpdate,
  deletion: podDeletion,
  fieldLabels: {
    'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIP ?? '',
    'status.podIPs': (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
    'spec.host': (pod) => pod.spec?.nodeName ?? '',
  },
};

function applyDefaults(pod: PodDraft): void {
  pod.spec ??= {};
  applyPodSpecDefaults(pod.spec);
  applyPodOnlyDefaults(pod.spec);
}

function prepareForCreate(pod: PodDraft): void {
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec ?? {}) };
  if (pod.spec?.schedulingGates?.length) {
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
}

/** The status and the ephemeral containers of a pod have their own subresources. */
function prepareForUpdate(pod: PodDraft, stored: PodDraft): void {
  if (stored.status) pod.status = stored.status;
  else delete pod.status;
  pod.spec ??= {};
  if (stored.spec?.ephemeralContainers) {
    pod.spec.ephemeralContainers = stored.spec.ephemeralContainers;
  } else delete pod.spec.ephemeralContainers;
}

function prepareForStatusUpdate(pod: PodDraft, stored: PodDraft): void {
  keepAllButStatus(pod, stored);
  pod.status ??= {};
  if (stored.status?.qosClass) pod.status.qosClass ??= stored.status.qosClass;
}

function validate(pod: PodDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = pod.spec ?? {};
  validateMirror(pod, errors);
  const podName = pod.metadata?.name;
  const place = { field: 'spec', isPod: true, ...(podName === undefined ? {} : { podName }) };
  validatePodSpec(spec, place, errors);
  if (!spec.serviceAccountName) expectNoTokens(spec, errors);
  spec.containers?.forEach((container, index) => {
    expectTrimmedImage(container, `spec.containers[${index}]`, errors);
  });
  spec.initContainers?.forEach((container, index) => {
    expectTrimmedImage(container, `spec.initContainers[${index}]`, errors);
  });
  return errors;
}

function validateCreate(pod: PodDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  if (pod.spec?.ephemeralContainers?.length) {
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (pod.spec?.nodeName && pod.spec.schedulingGates?.length) {
    const text = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbiddenField('spec.nodeName', text));
  }
  return errors;
}

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

function validateMirror(pod: PodDraft, errors: FieldErrors): void {
  const annotations = annotationsOf(pod);
  const mirror = annotations[mirrorAnnotation];
  if (mirror !== undefined && !pod.spec?.nodeName) {
    const text = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalidValue(`metadata.annotations[${mirrorAnnotation}]`, mirror, text));
  }
  const cost = annotations[deletionCostAnnotation];
  if (cost !== undefined && !/^(0|-?[1-9]\d{0,9})$/.test(cost)) {
    const field = `metadata.annotations[${deletionCostAnnotation}]`;
    errors.push(invalidValue(field, cost, 'must be a 32bit integer'));
  }
  const place = { spec: pod.spec ?? {}, field: 'metadata.annotations' };
  validateProfileAnnotations(annotations, place, errors);
}

function expectNoTokens(spec: Draft<PodSpec>, errors: FieldErrors): void {
  spec.volumes?.forEach((volume, index) => {
    volume.projected?.sources?.forEach((source, sourceIndex) => {
      if (!source.serviceAccountToken) return;
      const field = `spec.volumes[${index}].projected.sources[${sourceIndex}].serviceAccountToken`;
      const text = 'must not be specified when serviceAccountName is not set';
      errors.push(forbiddenField(field, text));
    });
  });
}

const updatableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

function validateUpdate(pod: PodDraft, stored: PodDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = pod.spec ?? {};
  const old = stored.spec ?? {};
  if (!equalsJson(pod.status?.qosClass, stored.status?.qosClass)) {
    errors.push(invalidValue('status.qosClass', pod.status?.qosClass ?? '', immutableText));
  }
  expectSameAppArmor(pod, stored, errors);
  for (const name of ['containers', 'initContainers'] as const) {
    if ((spec[name]?.length ?? 0) !== (old[name]?.length ?? 0)) {
      const text = 'pod updates may not add or remove containers';
      return [...errors, forbiddenField(`spec.${name}`, text)];
    }
  }
  if (!validateDeadlineUpdate(spec, old, errors)) return errors;
  expectTolerationsAddedOnly(spec, old, errors);
  expectGatesRemovedOnly(spec, old, errors);
  if (!equalsJson(withStoredParts(spec, old, errors), old)) {
    const text = `pod updates may not change fields other than ${updatableFields}`;
    errors.push(forbiddenField('spec', text));
  }
  return errors;
}

function validateDeadlineUpdate(
  spec: Draft<PodSpec>,
  old: Draft<PodSpec>,
  errors: FieldErrors,
): boolean {
  const field = 'spec.activeDeadlineSeconds';
  const seconds = spec.activeDeadlineSeconds;
  const oldSeconds = old.activeDeadlineSeconds;
  if (seconds === undefined) {
    if (oldSeconds !== undefined) {
      const text = 'must not update from a positive integer to nil value';
      errors.push(invalidValue(field, null, text));
    }
    return true;
  }
  if (seconds < 0 || seconds > 2147483647) {
    errors.push(invalidValue(field, seconds, 'must be between 0 and 2147483647, inclusive'));
    return false;
  }
  if (oldSeconds !== undefined && oldSeconds < seconds) {
    errors.push(invalidValue(field, seconds, 'must be less than or equal to previous value'));
    return false;
  }
  return true;
}

function expectTolerationsAddedOnly(
  spec: Draft<PodSpec>,
  old: Draft<PodSpec>,
  errors: FieldErrors,
): void {
  const given = new Set(spec.tolerations?.map(tolerated));
  if (old.tolerations?.every((before) => given.has(tolerated(before))) === false) {
    const text = 'existing toleration can not be modified except its tolerationSeconds';
    errors.push(forbiddenField('spec.tolerations', text));
  }
}

/** All of a toleration but for how long. */
function tolerated({ key, operator, value, effect }: Draft<Toleration>): string {
  return JSON.stringify([key, operator, value, effect]);
}

function expectGatesRemovedOnly(
  spec: Draft<PodSpec>,
  old: Draft<PodSpec>,
  errors: FieldErrors,
): void {
  const known = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  spec.schedulingGates?.forEach((gate, index) => {
    if (known.has(gate.name)) return;
    const text = `only deletion is allowed, but found new scheduling gate '${gate.name}'`;
    errors.push(forbiddenField(`spec.schedulingGates[${index}].name`, text));
  });
}

/** The new spec with everything that may change as it was before: what differs then is forbidden. */
function withStoredParts(
  spec: Draft<PodSpec>,
  old: Draft<PodSpec>,
  errors: FieldErrors,
): Draft<PodSpec> {
  const compared: Draft<PodSpec> = { ...spec };
  Object.assign(compared, {
    containers: withStoredImages(spec.containers, old.containers),
    initContainers: withStoredImages(spec.initContainers, old.initContainers),
  });
  for (const name of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const) {
    keepStored(compared, old, name);
  }
  const grace = old.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1) {
    compared.terminationGracePeriodSeconds = grace;
  }
  if (!old.schedulingGates?.length) return compared;
  if (!equalsJson(spec.nodeSelector, old.nodeSelector)) {
    expectNodeSelectorAddedOnly(spec, old, errors);
    keepStored(compared, old, 'nodeSelector');
  }
  return compared;
}

function keepStored<Name extends keyof Draft<PodSpec>>(
  compared: Draft<PodSpec>,
  old: Draft<PodSpec>,
  name: Name,
): void {
  if (old[name] === undefined) delete compared[name];
  else compared[name] = old[name];
}

function withStoredImages(
  containers: readonly Draft<Container>[] | undefined,
  old: readonly Draft<Container>[] | undefined,
): readonly object[] | undefined {
  return containers?.map((container, index) => ({ ...container, image: old?.[index]?.image }));
}

function expectNodeSelectorAddedOnly(
  spec: Draft<PodSpec>,
  old: Draft<PodSpec>,
  errors: FieldErrors,
): void {
  for (const [key, value] of Object.entries(old.nodeSelector ?? {})) {
    if (spec.nodeSelector?.[key] === value) continue;
    const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.push(invalidValue('spec.nodeSelector', spec.nodeSelector ?? {}, text));
    return;
  }
}
