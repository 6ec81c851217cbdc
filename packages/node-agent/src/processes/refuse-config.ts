import type { ContainerConfig } from '../runtime/container.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';
import { hostImage } from './host-image.ts';

const remedy = 'leave it out, or run the node with containerd (--node containerd)';

/** Errors: `RuntimeError`, `unsupported`, for what processes in namespaces cannot be. */
export function refuseSandbox(config: SandboxConfig): void {
  const { portMappings, runtimeHandler = '' } = config;
  if (portMappings.length > 0) refuse('hostPort', 'no port of the machine leads into a pod');
  if (runtimeHandler !== '') refuse('runtimeClassName', 'there is one way only to run containers');
}

/** The same for a container. Without root there is one user in a pod, who is root there. */
export function refuseContainer(config: ContainerConfig, { isRoot }: { isRoot: boolean }): void {
  if (config.imageId !== hostImage.id) {
    throw new RuntimeError('not-found', `there is no image ${JSON.stringify(config.imageId)}`);
  }
  const { security, mounts } = config;
  const {
    runAsUser,
    runAsUserName,
    runAsGroup,
    supplementalGroups = [],
    seccomp,
    appArmor,
  } = security;
  if (runAsGroup !== undefined && runAsUser === undefined && runAsUserName === undefined) {
    throw new RuntimeError('failed', 'runAsGroup needs a runAsUser: say both');
  }
  if (seccomp?.kind === 'localhost') refuse('seccompProfile', 'no program here applies filters');
  if (appArmor?.kind === 'localhost') refuse('appArmorProfile', 'no program here applies profiles');
  if (mounts.some(({ propagation }) => propagation !== 'private')) {
    refuse('mountPropagation', 'a container has a copy of what is mounted');
  }
  if (isRoot) return;
  const others = [runAsUser ?? 0, runAsGroup ?? 0, ...supplementalGroups].some((id) => id !== 0);
  if (others || runAsUserName !== undefined) {
    const why = 'the agent does not run as root, so that its pods have one user only, 0';
    throw new RuntimeError(
      'unsupported',
      `other users and groups (securityContext) are not supported by this node: ${why}; leave them out, or run the agent as root`,
    );
  }
}

function refuse(field: string, why: string): never {
  throw new RuntimeError(
    'unsupported',
    `${field} is not supported by this node: ${why}; ${remedy}`,
  );
}
