import type { PortMapping, SandboxConfig, SandboxNamespaces } from '../runtime/sandbox.ts';
import { type CriMessage } from './messages.ts';
import { resourcesMessage } from './resources-message.ts';
import { profileMessage } from './security-message.ts';

/** Source: runtime.v1 NamespaceMode. */
export const namespaceModes = { pod: 0, container: 1, node: 2, target: 3 } as const;

/** Source: runtime.v1 Protocol. */
const protocols: Readonly<Record<PortMapping['protocol'], number>> = { TCP: 0, UDP: 1, SCTP: 2 };

/** A sandbox as CRI is told to make it. */
export function sandboxMessage(config: SandboxConfig): CriMessage<'PodSandboxConfig'> {
  const { pod, attempt, hostname, logDirectory, dns, portMappings, labels, annotations } = config;
  const { cgroupParent, sysctls, overhead } = config;
  return {
    metadata: { ...pod, attempt },
    ...(hostname === undefined ? {} : { hostname }),
    logDirectory,
    ...(dns === undefined ? {} : { dnsConfig: dns }),
    portMappings: portMappings.map(({ protocol, ...ports }) => ({
      ...ports,
      protocol: protocols[protocol],
    })),
    labels,
    annotations,
    linux: {
      ...(cgroupParent === undefined ? {} : { cgroupParent }),
      securityContext: securityMessage(config),
      sysctls,
      ...(overhead === undefined ? {} : { overhead: resourcesMessage(overhead) }),
    },
  };
}

/** The namespaces of a sandbox and, where they are not a container's own, of those in it. */
export function namespacesMessage(namespaces: SandboxNamespaces): CriMessage<'NamespaceOption'> {
  const { network, pid, ipc } = namespaces;
  return {
    network: namespaceModes[network],
    pid: namespaceModes[pid],
    ipc: namespaceModes[ipc],
  };
}

function securityMessage({
  security,
  namespaces,
}: SandboxConfig): CriMessage<'LinuxSandboxSecurityContext'> {
  const { runAsUser, runAsGroup, seccomp, appArmor } = security;
  return {
    namespaceOptions: namespacesMessage(namespaces),
    ...(runAsUser === undefined ? {} : { runAsUser: { value: runAsUser } }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    readonlyRootfs: security.hasReadOnlyRoot ?? false,
    supplementalGroups: security.supplementalGroups ?? [],
    privileged: security.isPrivileged ?? false,
    ...(seccomp === undefined ? {} : { seccomp: profileMessage(seccomp) }),
    ...(appArmor === undefined ? {} : { apparmor: profileMessage(appArmor) }),
  };
}
