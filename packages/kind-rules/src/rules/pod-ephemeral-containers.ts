import {
  type Draft,
  equalsJson,
  type FieldError,
  forbiddenField,
  type ObjectDraft,
} from '@fairway/protocol';
import type { Pod, PodSpec } from '@fairway/kinds/core/v1';

import { FieldErrors } from '../field-checks.ts';
import { isMirrorPod } from '../pods/pod-references.ts';
import { expectSameAppArmor } from './validate-profile-annotations.ts';

type PodDraft = ObjectDraft<Pod>;

/** `/ephemeralcontainers` says which containers join a pod that runs, and nothing else. */
export function prepareEphemeralContainers(pod: PodDraft, stored: PodDraft): void {
  const { ephemeralContainers } = pod.spec ?? {};
  const { ephemeralContainers: _, ...spec } = stored.spec ?? {};
  keepAllButSpec(pod, stored, {
    ...spec,
    ...(ephemeralContainers === undefined ? {} : { ephemeralContainers }),
  });
}

/** Puts everything back as it is stored, and a new spec in. */
export function keepAllButSpec(pod: PodDraft, stored: PodDraft, spec: Draft<PodSpec>): void {
  for (const key of Object.keys(pod)) {
    if (key !== 'apiVersion' && key !== 'kind') Reflect.deleteProperty(pod, key);
  }
  const { apiVersion: _, kind: __, ...kept } = stored;
  Object.assign(pod, kept, { metadata: { ...stored.metadata }, spec });
}

/**
 * Containers that have joined a pod stay as they are: others may only be added.
 * Source: core validation, ValidatePodEphemeralContainersUpdate; KEP-277.
 */
export function validateEphemeralContainersUpdate(
  pod: PodDraft,
  stored: PodDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  expectSameAppArmor(pod, stored, errors);
  if (isMirrorPod(stored as Pod)) {
    return [forbiddenField('', 'static pods do not support ephemeral containers')];
  }
  const field = 'spec.ephemeralContainers';
  const after = new Map(pod.spec?.ephemeralContainers?.map((each) => [each.name, each]));
  for (const before of stored.spec?.ephemeralContainers ?? []) {
    const container = after.get(before.name);
    const text = `existing ephemeral containers ${JSON.stringify(before.name)} may not be`;
    if (container === undefined) errors.push(forbiddenField(field, `${text} removed\n`));
    else if (!equalsJson(container, before)) {
      errors.push(forbiddenField(field, `${text} changed`));
    }
  }
  return errors;
}
