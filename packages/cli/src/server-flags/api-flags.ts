import type { ServedApis } from '@fairway/apiserver';
import { attempt, truthOf } from '../flag-values.ts';

/** What of its API a server has, by the flags of a kube-apiserver. */
export interface ApiFlags {
  readonly runtimeConfig?: readonly string[];
  readonly featureGates?: readonly string[];
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  readonly admissionControlConfigFile?: string;
  readonly allowPrivileged?: string | boolean;
}

/** What of its API a server has, and does not have. */
export interface ApiSwitches {
  readonly isServed?: ServedApis;
  readonly enabledAdmissionPlugins?: readonly string[];
  readonly disabledAdmissionPlugins?: readonly string[];
  readonly allowsPrivileged?: boolean;
}

/** What holds where no flag says. */
export interface ApiDefaults {
  readonly allowsPrivileged: boolean;
  /** Admission plugins that are off unless they are enabled. */
  readonly disabledAdmissionPlugins: readonly string[];
}

/**
 * Reads the flags together.
 *
 * Errors: `CommandError` with flag, value and what is to be had instead.
 */
export async function readApiFlags(flags: ApiFlags, byDefault: ApiDefaults): Promise<ApiSwitches> {
  const { runtimeConfig, featureGates } = flags;
  if (featureGates !== undefined) {
    const { checkFeatureGates } = await import('./feature-gates.ts');
    attempt('--feature-gates', () => checkFeatureGates(featureGates));
  }
  const { enableAdmissionPlugins: enabled = [], disableAdmissionPlugins: disabled = [] } = flags;
  await checkAdmission({ enabled, disabled });
  return {
    ...(runtimeConfig === undefined ? {} : { isServed: await readServed(runtimeConfig) }),
    enabledAdmissionPlugins: enabled,
    disabledAdmissionPlugins: [
      ...disabled,
      ...byDefault.disabledAdmissionPlugins.filter((name) => !enabled.includes(name)),
    ],
    allowsPrivileged:
      truthOf('--allow-privileged', flags.allowPrivileged) ?? byDefault.allowsPrivileged,
  };
}

async function checkAdmission(choice: {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
}): Promise<void> {
  if (choice.enabled.length + choice.disabled.length === 0) return;
  const { checkAdmissionChoice } = await import('@fairway/apiserver');
  const flag = '--enable-admission-plugins and --disable-admission-plugins';
  attempt(flag, () => checkAdmissionChoice(choice));
}

async function readServed(entries: readonly string[]): Promise<ServedApis> {
  const { readRuntimeConfig } = await import('@fairway/apiserver');
  return attempt('--runtime-config', () => readRuntimeConfig(entries));
}
