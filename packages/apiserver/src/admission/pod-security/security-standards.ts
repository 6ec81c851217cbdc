import { appArmorProfile } from './controls/app-armor-profile.ts';
import { capabilitiesBaseline, capabilitiesRestricted } from './controls/capabilities.ts';
import type { Check, CheckedPod, Control, Violation } from './controls/control.ts';
import { hostNamespaces, hostPorts, hostProbes } from './controls/host-access.ts';
import { allowPrivilegeEscalation, privileged, windowsHostProcess } from './controls/privileges.ts';
import { procMountBaseline, procMountRestricted } from './controls/proc-mount.ts';
import { runAsNonRoot, runAsUser } from './controls/run-as.ts';
import { seLinuxOptions } from './controls/se-linux-options.ts';
import { seccompProfileBaseline, seccompProfileRestricted } from './controls/seccomp-profile.ts';
import { sysctls } from './controls/sysctls.ts';
import { hostPathVolumes, restrictedVolumes } from './controls/volumes.ts';
import { type LevelVersion, minorOf } from './namespace-policy.ts';

/** In the order in which violations are told. */
const baseline: readonly Control[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMountBaseline,
  seLinuxOptions,
  seccompProfileBaseline,
  sysctls,
  windowsHostProcess,
];

/** The same, after those of `baseline`. */
const restricted: readonly Control[] = [
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompProfileRestricted,
];

/**
 * What a level of one version forbids of a pod; nothing where the pod may be. A version that is yet
 * to come forbids what the newest one does.
 *
 * Source: Kubernetes, "Pod Security Standards"; its versions v1.0 to v1.36.
 */
export function violationsOf(
  { level, version }: LevelVersion,
  pod: CheckedPod,
): readonly Violation[] {
  if (level === 'privileged') return [];
  const minor = minorOf(version);
  const violations: Violation[] = [];
  for (const control of controlsOf(level, minor)) {
    const violation = checkAt(control, minor)?.(pod);
    if (violation !== undefined) violations.push(violation);
  }
  return violations;
}

function controlsOf(level: 'baseline' | 'restricted', minor: number): readonly Control[] {
  if (level === 'baseline') return baseline;
  const held = restricted.filter((control) => checkAt(control, minor) !== undefined);
  const included = held.map(({ includes }) => includes);
  return [...baseline.filter((control) => !included.includes(control)), ...held];
}

function checkAt({ revisions }: Control, minor: number): Check | undefined {
  return revisions.findLast(({ sinceMinor }) => sinceMinor <= minor)?.check;
}

/** `host namespaces, privileged` */
export function reasonsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}

/** `host namespaces (hostNetwork=true), privileged (container "a" must not …)` */
export function detailsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}
