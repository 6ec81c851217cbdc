import { join } from 'node:path';
import {
  type ContainerEnvironment,
  containerEnvironment,
} from '../environment/container-environment.ts';
import { pathPart } from '../node/pod-folders.ts';
import { onNode, withNodeLimits } from '../environment/pod-on-node.ts';
import { PodError, type PodSources } from '../sources/pod-sources.ts';
import type { ContainerConfig } from '../runtime/container.ts';
import type { ImageRecord } from '../runtime/image-store.ts';
import { type MountedContainer, containerMounts } from './container-mounts.ts';
import { containerResources } from './container-resources.ts';
import { containerSecurity } from './container-security.ts';
import { readVolumeFile } from './volume-file.ts';
import { containerAnnotations, containerLabels } from './kubelet-labels.ts';

export interface ConfiguredContainer extends MountedContainer {
  readonly image: ImageRecord;
  readonly sources: PodSources;
  /** Of the container that an ephemeral one looks into. */
  readonly targetContainerId?: string;
}

/**
 * Everything the runtime needs to know of a container, as a kubelet sets it, with what it mounts made ready.
 *
 * Errors: `PodError` where a kubelet would not start it either (`CreateContainerConfigError`), in its words.
 */
export async function containerConfig(of: ConfiguredContainer): Promise<ContainerConfig> {
  const { pod, container, attempt, image, node, targetContainerId } = of;
  const name = pathPart(container.name, 'the name of a container');
  const { variables, command, args } = await environmentOf(of);
  return {
    name,
    attempt,
    imageId: image.id,
    image: container.image ?? '',
    command,
    args,
    ...(container.workingDir ? { workingDirectory: container.workingDir } : {}),
    environment: variables,
    mounts: await containerMounts(of, variables),
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, attempt),
    logPath: `${name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    resources: containerResources(pod, container, node),
    security: containerSecurity({
      pod,
      container,
      image,
      seccompDirectory: join(node.rootDirectory, 'seccomp'),
    }),
    ...(targetContainerId === undefined ? {} : { targetContainerId }),
  };
}

async function environmentOf(of: ConfiguredContainer): Promise<ContainerEnvironment> {
  const { pod, container, node, podAddresses } = of;
  const environment = await containerEnvironment(
    onNode(pod, node, podAddresses),
    withNodeLimits(container, pod, node),
    { ...of.sources, volumeFile: (volume, path) => readVolumeFile({ volume, path }, of) },
  );
  if (environment.missing.length > 0) throw new PodError(environment.missing.join('; '));
  const odd = Object.entries(environment.variables).find(([, value]) => value.includes('\0'));
  if (odd === undefined) return environment;
  throw new PodError(`variable ${odd[0]} holds a zero byte, which no program can be given`);
}
