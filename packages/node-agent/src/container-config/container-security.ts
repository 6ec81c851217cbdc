import { join } from 'node:path';
import type { ContainerSpec } from '../pod-lifecycle/container-status.ts';
import { type AnyPod, fullPodName } from '../pod-lifecycle/pod-containers.ts';
import { PodError } from '../sources/pod-sources.ts';
import type { ContainerSecurity, SecurityProfile } from '../runtime/container.ts';
import type { ImageRecord } from '../runtime/image-store.ts';
import { profileOf } from './security-profiles.ts';

/** What of the kernel programs do not see. Source: Kubernetes documentation, `procMount`. */
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const readOnlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export interface SecuredContainer {
  readonly pod: AnyPod;
  readonly container: ContainerSpec;
  readonly image: Pick<ImageRecord, 'userId' | 'userName'>;
  /** Below it lie the profiles of seccomp that pods name. */
  readonly seccompDirectory: string;
}

/**
 * As whom a container runs and what it may do: what it says, else what its pod says, else its image.
 *
 * Errors: `PodError` where it would run as root and must not.
 *
 * Source: core/v1 SecurityContext and PodSecurityContext.
 */
export function containerSecurity(of: SecuredContainer): ContainerSecurity {
  const ofPod = of.pod.spec?.securityContext ?? {};
  const own = of.container.securityContext ?? {};
  refuseRoot(of);
  const runAsGroup = own.runAsGroup ?? ofPod.runAsGroup;
  const appArmor = profileOf(own.appArmorProfile) ?? profileOf(ofPod.appArmorProfile);
  const { allowPrivilegeEscalation = true, privileged = false, procMount } = own;
  return {
    ...userOf(of),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    supplementalGroups: podGroups(of.pod),
    isPrivileged: privileged,
    hasReadOnlyRoot: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: !allowPrivilegeEscalation,
    addedCapabilities: own.capabilities?.add ?? [],
    droppedCapabilities: own.capabilities?.drop ?? [],
    seccomp: seccompOf(of),
    ...(appArmor === undefined ? {} : { appArmor }),
    maskedPaths: procMount === 'Unmasked' ? [] : maskedPaths,
    readOnlyPaths: procMount === 'Unmasked' ? [] : readOnlyPaths,
  };
}

/** The groups that all programs of a pod are in beside their own. */
export function podGroups({ spec }: AnyPod): readonly number[] {
  const { fsGroup, supplementalGroups = [] } = spec?.securityContext ?? {};
  return [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups];
}

/** A number that somebody named, else whom the image names; root, where nobody does. */
function userOf({ pod, container, image }: SecuredContainer): ContainerSecurity {
  const runAsUser =
    container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser ?? image.userId;
  if (runAsUser !== undefined) return { runAsUser };
  return image.userName ? { runAsUserName: image.userName } : { runAsUser: 0 };
}

function refuseRoot({ pod, container, image }: SecuredContainer): void {
  const ofPod = pod.spec?.securityContext;
  const own = container.securityContext;
  if ((own?.runAsNonRoot ?? ofPod?.runAsNonRoot) !== true) return;
  const where = `(pod: ${JSON.stringify(fullPodName(pod))}, container: ${container.name})`;
  const runAsUser = own?.runAsUser ?? ofPod?.runAsUser;
  if (runAsUser === 0) {
    throw new PodError(`container's runAsUser breaks non-root policy ${where}`);
  }
  if (runAsUser !== undefined) return;
  const { userId, userName } = image;
  if (userId === undefined && userName) {
    throw new PodError(
      `container has runAsNonRoot and image has non-numeric user (${userName}), cannot verify user is non-root ${where}`,
    );
  }
  if ((userId ?? 0) === 0) {
    throw new PodError(`container has runAsNonRoot and image will run as root ${where}`);
  }
}

function seccompOf({ pod, container, seccompDirectory }: SecuredContainer): SecurityProfile {
  const profile =
    profileOf(container.securityContext?.seccompProfile) ??
    profileOf(pod.spec?.securityContext?.seccompProfile) ??
    ({ kind: 'unconfined' } as const);
  if (profile.kind !== 'localhost') return profile;
  if (profile.path === '') {
    throw new PodError('localhostProfile must be set if seccompProfile type is Localhost.');
  }
  if (profile.path.startsWith('/') || profile.path.split('/').includes('..')) {
    throw new PodError(
      `localhostProfile ${JSON.stringify(profile.path)} must be a path below ${seccompDirectory}, without '..'`,
    );
  }
  return { kind: 'localhost', path: join(seccompDirectory, profile.path) };
}
