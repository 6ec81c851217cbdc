import {
  annotationsOf,
  type Draft,
  forbiddenField,
  invalidValue,
  type KubernetesObject,
} from '@fairway/protocol';
import type { PodSpec } from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';
import {
  appArmorOfContainer,
  seccompOfContainer,
  seccompOfPod,
} from '../pods/profile-annotations.ts';
import { expectLocalPath } from './validate-file-paths.ts';

// Source: core validation, ValidateSeccompPodAnnotations and ValidateAppArmorPodAnnotations: how
// profiles were named before the security context had fields for them.

const seccompProfiles = ['runtime/default', 'docker/default', 'unconfined'];

type Annotations = Readonly<Record<string, string>>;

/** What is wrong with the profiles that annotations name. */
export function validateProfileAnnotations(
  annotations: Annotations,
  { spec, field }: { readonly spec: Draft<PodSpec>; readonly field: string },
  errors: FieldErrors,
): void {
  let names: ReadonlySet<string> | undefined;
  for (const [key, value] of Object.entries(annotations)) {
    if (key === seccompOfPod || key.startsWith(seccompOfContainer)) {
      validateSeccompProfile(value, `${field}.${key}`, errors);
    }
    if (!key.startsWith(appArmorOfContainer)) continue;
    const container = key.slice(appArmorOfContainer.length);
    names ??= containerNames(spec);
    if (!names.has(container)) {
      errors.push(invalidValue(`${field}[${key}]`, container, 'container not found'));
    }
    if (!isAppArmorProfile(value)) {
      const text = `invalid AppArmor profile name: ${JSON.stringify(value)}`;
      errors.push(invalidValue(`${field}[${key}]`, value, text));
    }
  }
}

function validateSeccompProfile(profile: string, field: string, errors: FieldErrors): void {
  if (seccompProfiles.includes(profile)) return;
  if (profile.startsWith('localhost/')) {
    expectLocalPath(profile.slice('localhost/'.length), field, errors);
  } else errors.push(invalidValue(field, profile, 'must be a valid seccomp profile'));
}

function isAppArmorProfile(profile: string): boolean {
  return (
    ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/')
  );
}

function containerNames(spec: Draft<PodSpec>): ReadonlySet<string> {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec;
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  return new Set(all.map(({ name }) => name ?? ''));
}

/** The profile of a container that runs is not changed by an annotation. */
export function expectSameAppArmor(
  pod: KubernetesObject,
  stored: KubernetesObject,
  errors: FieldErrors,
): void {
  const [now, before] = [annotationsOf(pod), annotationsOf(stored)];
  const field = (key: string): string => `metadata.annotations[${key}]`;
  for (const [key, value] of Object.entries(before)) {
    if (!key.startsWith(appArmorOfContainer) || now[key] === value) continue;
    errors.push(forbiddenField(field(key), 'may not remove or update AppArmor annotations'));
  }
  for (const key of Object.keys(now)) {
    if (!key.startsWith(appArmorOfContainer) || before[key] !== undefined) continue;
    errors.push(forbiddenField(field(key), 'may not add AppArmor annotations'));
  }
}
