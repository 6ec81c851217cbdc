import type { ContainerSecurity, SecurityProfile } from '../runtime/container.ts';
import type { CriMessage } from './messages.ts';

/** Source: runtime.v1 SecurityProfile.ProfileType. */
const profileTypes: Readonly<Record<SecurityProfile['kind'], number>> = {
  'runtime-default': 0,
  unconfined: 1,
  localhost: 2,
};

/** As whom a container runs and what it may do, as CRI is told. */
export function securityMessage(
  security: ContainerSecurity,
  namespaceOptions: CriMessage<'NamespaceOption'>,
): CriMessage<'LinuxContainerSecurityContext'> {
  const { runAsUser, runAsUserName, runAsGroup, seccomp, appArmor } = security;
  return {
    capabilities: {
      addCapabilities: security.addedCapabilities ?? [],
      dropCapabilities: security.droppedCapabilities ?? [],
    },
    privileged: security.isPrivileged ?? false,
    namespaceOptions,
    ...(runAsUser === undefined ? {} : { runAsUser: { value: runAsUser } }),
    ...(runAsUserName === undefined ? {} : { runAsUsername: runAsUserName }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    readonlyRootfs: security.hasReadOnlyRoot ?? false,
    supplementalGroups: security.supplementalGroups ?? [],
    noNewPrivs: security.noNewPrivileges ?? false,
    maskedPaths: security.maskedPaths ?? [],
    readonlyPaths: security.readOnlyPaths ?? [],
    ...(seccomp === undefined ? {} : { seccomp: profileMessage(seccomp) }),
    ...(appArmor === undefined ? {} : { apparmor: profileMessage(appArmor) }),
  };
}

export function profileMessage(profile: SecurityProfile): CriMessage<'SecurityProfile'> {
  return {
    profileType: profileTypes[profile.kind],
    ...(profile.kind === 'localhost' ? { localhostRef: profile.path } : {}),
  };
}
