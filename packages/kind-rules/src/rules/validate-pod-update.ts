import {
  type Draft,
  equalsJson,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
} from '@fairway/protocol';
import type { Container, Pod, PodSpec, Toleration } from '@fairway/kinds/core/v1';

import { FieldErrors, immutableText } from '../field-checks.ts';
import { expectSameAppArmor } from './validate-profile-annotations.ts';

type PodDraft = ObjectDraft<Pod>;

const updatableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/**
 * Almost nothing of a pod's spec may change: an update is compared with the stored spec after every
 * field that may differ has been put back.
 * Source: core validation, ValidatePodUpdate.
 */
export function validatePodUpdate(pod: PodDraft, stored: PodDraft): readonly FieldError[] {
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
