import { type Draft, duplicate, invalidValue, required } from '@fairway/protocol';
import type { PodSpec } from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';

const namePattern = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

/**
 * What is wrong with the settings of the kernel that a pod asks for. `stored` keeps those of the node that an
 * earlier version let it have.
 * Source: core validation, validateSysctls and ValidateHostSysctl.
 */
export function validateSysctls(
  spec: Draft<PodSpec>,
  { field, stored }: { readonly field: string; readonly stored: Draft<PodSpec> | undefined },
  errors: FieldErrors,
): void {
  const hadNodes =
    stored !== undefined && sysctlsOf(stored).some((name) => sharedWith(name, stored));
  const names = new Set<string>();
  for (const [index, name] of sysctlsOf(spec).entries()) {
    const path = `${field}[${index}].name`;
    if (name === '') errors.push(required(path));
    else if (name.length > 253 || !namePattern.test(name)) {
      const text = `must have at most 253 characters and match regex ${namePattern.source}`;
      errors.push(invalidValue(path, name, text));
    } else if (names.has(name)) errors.push(duplicate(path, name));
    const shared = hadNodes ? undefined : sharedWith(name, spec);
    if (shared !== undefined) {
      errors.push(invalidValue(path, name, `may not be specified when '${shared}' is true`));
    }
    names.add(name);
  }
}

function sysctlsOf({ securityContext }: Draft<PodSpec>): readonly string[] {
  return (securityContext?.sysctls ?? []).map(({ name = '' }) => name);
}

/** What the pod shares with its node, if a setting is of that: it would change the node's. */
function sharedWith(name: string, spec: Draft<PodSpec>): 'hostNetwork' | 'hostIPC' | undefined {
  const dotted = withDots(name);
  if (spec.hostNetwork && dotted.startsWith('net.')) return 'hostNetwork';
  return spec.hostIPC && ofProcesses.test(dotted) ? 'hostIPC' : undefined;
}

const ofProcesses = /^(?:kernel\.sem$|kernel\.shm|kernel\.msg|fs\.mqueue\.)/;

/** As `sysctl` reads it: what parts the names is the sign that comes first. */
function withDots(name: string): string {
  const [sign] = /[./]/.exec(name) ?? [];
  return sign === '/' ? name.replaceAll(/[./]/g, (found) => (found === '/' ? '.' : '/')) : name;
}
