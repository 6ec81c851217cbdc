import { podLimits } from '@fairway/kind-rules/pods';
import { type Quantity, formatQuantity, wholeOf } from '@fairway/protocol';
import { type AnyPod, podContainers } from '../pod-lifecycle/pod-containers.ts';
import { type PodUse, containerDiskBytes, diskBytesOf } from './pod-use.ts';

/** Whether a pod may outgrow something on the disk of its node, so that it has to be measured. */
export function hasLocalLimit(pod: AnyPod): boolean {
  return (
    (pod.spec?.volumes ?? []).some(({ emptyDir }) => wholeOf(emptyDir?.sizeLimit) > 0) ||
    podContainers(pod).some(({ spec }) => spec.resources?.limits?.[resource] !== undefined)
  );
}

const resource = 'ephemeral-storage';

/**
 * Which limit of its own a pod has outgrown on the disk, in the words of a kubelet 1.36; undefined: none.
 *
 * Source: kubelet, local storage eviction.
 */
export function outgrownLimit(use: PodUse): string | undefined {
  return outgrownVolume(use) ?? outgrownPod(use) ?? outgrownContainer(use);
}

function outgrownVolume({ pod, volumes }: PodUse): string | undefined {
  for (const { name, emptyDir } of pod.spec?.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    const used = volumes.find((each) => each.name === name)?.usedBytes ?? 0;
    if (limit === undefined || wholeOf(limit) <= 0 || used <= wholeOf(limit)) continue;
    return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
  }
  return undefined;
}

function outgrownPod(use: PodUse): string | undefined {
  const limit: Quantity | undefined = podLimits(use.pod).get(resource);
  if (limit === undefined || diskBytesOf(use) <= wholeOf(limit)) return undefined;
  const total = formatQuantity(limit);
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `;
}

function outgrownContainer({ pod, containers }: PodUse): string | undefined {
  for (const { spec } of podContainers(pod)) {
    const limit = spec.resources?.limits?.[resource];
    const use = containers.find(({ name }) => name === spec.name);
    if (limit === undefined || use === undefined) continue;
    if (containerDiskBytes(use) <= wholeOf(limit)) continue;
    return `Container ${spec.name} exceeded its local ephemeral storage limit "${limit}". `;
  }
  return undefined;
}
