import {
  type Draft,
  forbiddenField,
  invalidValue,
  required,
  tooLong,
  unsupported,
} from '@fairway/protocol';
import type {
  AppArmorProfile,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '@fairway/kinds/core/v1';

import { expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';
import { validateWindowsOptions } from './validate-windows-options.ts';
import { validateSysctls } from './validate-sysctls.ts';
import { expectDescendingPath } from './validate-file-paths.ts';

const idMax = 2 ** 31 - 1;
/** As long as a path on Linux may be. */
export const localProfileBytesMax = 4_095;

/**
 * What is wrong with the security settings of a pod.
 * Source: core validation, validatePodSpecSecurityContext; KEP-127 for user namespaces.
 */
export function validatePodSecurity(
  spec: Draft<PodSpec>,
  { field, stored }: { readonly field: string; readonly stored?: Draft<PodSpec> | undefined },
  errors: FieldErrors,
): void {
  const context = spec.securityContext;
  if (!context) return;
  const path = `${field}.securityContext`;
  expectId(context.fsGroup, `${path}.fsGroup`, errors);
  expectId(context.runAsUser, `${path}.runAsUser`, errors);
  expectId(context.runAsGroup, `${path}.runAsGroup`, errors);
  context.supplementalGroups?.forEach((group, index) => {
    expectId(group, `${path}.supplementalGroups[${index}]`, errors);
  });
  if (spec.shareProcessNamespace && spec.hostPID) {
    const text = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalidValue(`${path}.shareProcessNamespace`, true, text));
  }
  validateSysctls(spec, { field: `${path}.sysctls`, stored }, errors);
  expectOptionalOneOf(
    context.fsGroupChangePolicy,
    { field: `${path}.fsGroupChangePolicy`, supported: ['Always', 'OnRootMismatch'] },
    errors,
  );
  validateSeccomp(context.seccompProfile, `${path}.seccompProfile`, errors);
  validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`, errors);
  validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, errors);
  expectOptionalOneOf(
    context.supplementalGroupsPolicy,
    { field: `${path}.supplementalGroupsPolicy`, supported: ['Merge', 'Strict'] },
    errors,
  );
  expectOptionalOneOf(
    context.seLinuxChangePolicy,
    { field: `${path}.seLinuxChangePolicy`, supported: ['MountOption', 'Recursive'] },
    errors,
  );
}

/** What is wrong with the security settings of one container. */
export function validateContainerSecurity(
  context: Draft<SecurityContext> | undefined,
  { field, hostUsers }: { readonly field: string; readonly hostUsers: boolean | undefined },
  errors: FieldErrors,
): void {
  if (!context) return;
  expectId(context.runAsUser, `${field}.runAsUser`, errors);
  expectId(context.runAsGroup, `${field}.runAsGroup`, errors);
  const procMount = { field: `${field}.procMount`, supported: ['Default', 'Unmasked'] };
  expectOptionalOneOf(context.procMount, procMount, errors);
  if (context.procMount === 'Unmasked' && hostUsers !== false) {
    const text = '`hostUsers` must be false to use `Unmasked`';
    errors.push(invalidValue(`${field}.procMount`, context.procMount, text));
  }
  validateSeccomp(context.seccompProfile, `${field}.seccompProfile`, errors);
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) {
      const text = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(invalidValue(field, context, text));
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      const text =
        'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalidValue(field, context, text));
    }
  }
  validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`, errors);
  validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`, errors);
}

function expectId(id: number | undefined, field: string, errors: FieldErrors): void {
  if (id !== undefined && id !== null && (id < 0 || id > idMax)) {
    errors.push(invalidValue(field, id, `must be between 0 and ${idMax}, inclusive`));
  }
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function validateSeccomp(
  profile: Draft<SeccompProfile> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!profile) return;
  if (!profile.type) {
    errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  } else if (!profileTypes.includes(profile.type)) {
    errors.push(unsupported(`${field}.type`, profile.type, profileTypes));
  }
  const local = profile.localhostProfile;
  if (profile.type === 'Localhost') {
    if (local === undefined) {
      const text = 'must be set when seccomp type is Localhost';
      errors.push(required(`${field}.localhostProfile`, text));
    } else expectDescendingPath(local, `${field}.localhostProfile`, errors);
  } else if (local !== undefined) {
    const text = 'can only be set when seccomp type is Localhost';
    errors.push(invalidValue(`${field}.localhostProfile`, profile, text));
  }
}

function validateAppArmor(
  profile: Draft<AppArmorProfile> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!profile) return;
  const local = profile.localhostProfile;
  const localField = `${field}.localhostProfile`;
  if (!profile.type) {
    errors.push(required(`${field}.type`, 'type is required when appArmorProfile is set'));
  } else if (!profileTypes.includes(profile.type)) {
    errors.push(unsupported(`${field}.type`, profile.type, profileTypes));
  } else if (profile.type !== 'Localhost') {
    if (local !== undefined) {
      const text = 'can only be set when AppArmor type is Localhost';
      errors.push(invalidValue(localField, local, text));
    }
  } else if (!local) {
    errors.push(required(localField, 'must be set when AppArmor type is Localhost'));
  } else {
    if (local.trim() !== local) {
      errors.push(invalidValue(localField, local, 'must not be padded with whitespace'));
    }
    if (Buffer.byteLength(local) > localProfileBytesMax) {
      errors.push(tooLong(localField, localProfileBytesMax));
    }
  }
}

/** A pod with its own user namespace may not share others with the node. */
export function validateHostUsers(spec: Draft<PodSpec>, field: string, errors: FieldErrors): void {
  if (spec.hostUsers !== false) return;
  const text = 'when `hostUsers` is false';
  if (spec.hostNetwork) errors.push(forbiddenField(`${field}.hostNetwork`, text));
  if (spec.hostPID) errors.push(forbiddenField(`${field}.hostPID`, text));
  if (spec.hostIPC) errors.push(forbiddenField(`${field}.hostIPC`, text));
}
