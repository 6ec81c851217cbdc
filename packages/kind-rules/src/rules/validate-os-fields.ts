import { type Draft, forbiddenField } from '@fairway/protocol';
import type { PodSecurityContext, PodSpec, SecurityContext } from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';

const linuxOnlyInPod = ['hostPID', 'hostIPC', 'shareProcessNamespace'] as const;

const linuxOnlyInPodContext = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
] as const satisfies readonly (keyof PodSecurityContext)[];

const linuxOnlyInContainer = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const satisfies readonly (keyof SecurityContext)[];

/**
 * What a pod asks for that the operating system which it names has not. One that names none may ask
 * for anything.
 * Source: v1 PodOS; core validation, validateWindows and validateLinux.
 */
export function validateOsFields(spec: Draft<PodSpec>, field: string, errors: FieldErrors): void {
  if (spec.os?.name === 'windows') forbidLinuxFields(spec, field, errors);
  if (spec.os?.name === 'linux') forbidWindowsFields(spec, field, errors);
}

function forbidLinuxFields(spec: Draft<PodSpec>, field: string, errors: FieldErrors): void {
  const text = 'cannot be set for a windows pod';
  const forbid = (path: string): void => void errors.push(forbiddenField(path, text));
  for (const name of linuxOnlyInPodContext) {
    if (isGiven(spec.securityContext?.[name])) forbid(`${field}.securityContext.${name}`);
  }
  if (spec.hostUsers !== undefined) forbid(`${field}.hostUsers`);
  for (const name of linuxOnlyInPod) if (spec[name]) forbid(`${field}.${name}`);
  for (const { context, path } of contextsOf(spec, field)) {
    for (const name of linuxOnlyInContainer) if (isGiven(context[name])) forbid(`${path}.${name}`);
  }
}

function forbidWindowsFields(spec: Draft<PodSpec>, field: string, errors: FieldErrors): void {
  const text = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions) {
    errors.push(forbiddenField(`${field}.securityContext.windowsOptions`, text));
  }
  for (const { context, path } of contextsOf(spec, field)) {
    if (context.windowsOptions) errors.push(forbiddenField(`${path}.windowsOptions`, text));
  }
}

function* contextsOf(
  spec: Draft<PodSpec>,
  field: string,
): Iterable<{ readonly context: Draft<SecurityContext>; readonly path: string }> {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { securityContext }] of (spec[list] ?? []).entries()) {
      if (!securityContext) continue;
      yield { context: securityContext, path: `${field}.${list}[${index}].securityContext` };
    }
  }
}

/** An empty list says nothing. */
function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}
