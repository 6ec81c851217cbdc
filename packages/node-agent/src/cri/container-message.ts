import type { ContainerConfig, ContainerMount } from '../runtime/container.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';
import type { CriMessage } from './messages.ts';
import { resourcesMessage } from './resources-message.ts';
import { namespaceModes, namespacesMessage } from './sandbox-message.ts';
import { securityMessage } from './security-message.ts';

/** Source: runtime.v1 MountPropagation. */
const propagations: Readonly<Record<ContainerMount['propagation'], number>> = {
  private: 0,
  'host-to-container': 1,
  bidirectional: 2,
};

/** A container as CRI is told to make it. */
export function containerMessage(
  config: ContainerConfig,
  sandbox: SandboxConfig,
): CriMessage<'ContainerConfig'> {
  const { name, attempt, workingDirectory, labels, annotations, logPath } = config;
  return {
    metadata: { name, attempt },
    image: { image: config.imageId, userSpecifiedImage: config.image },
    command: config.command,
    args: config.args,
    ...(workingDirectory === undefined ? {} : { workingDir: workingDirectory }),
    envs: Object.entries(config.environment).map(([key, value]) => ({ key, value })),
    mounts: config.mounts.map(({ containerPath, hostPath, isReadOnly, propagation }) => ({
      containerPath,
      hostPath,
      readonly: isReadOnly,
      propagation: propagations[propagation],
    })),
    labels,
    annotations,
    logPath,
    stdin: config.stdin,
    stdinOnce: config.stdinOnce,
    tty: config.tty,
    linux: {
      resources: resourcesMessage(config.resources),
      securityContext: securityMessage(config.security, containerNamespaces(config, sandbox)),
    },
  };
}

function containerNamespaces(
  { targetContainerId }: ContainerConfig,
  { namespaces }: SandboxConfig,
): CriMessage<'NamespaceOption'> {
  const options = namespacesMessage(namespaces);
  if (targetContainerId === undefined) return options;
  return { ...options, pid: namespaceModes.target, targetId: targetContainerId };
}
