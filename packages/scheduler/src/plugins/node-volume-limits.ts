import { classNameOf } from '@fairway/kind-rules/volumes';
import type { ClusterObjects } from '../snapshot/cluster-objects.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import { type Plugin, passing } from './plugin.ts';

const refusal = passing('node(s) exceed max volume count');

/** Keeps a node from getting more volumes of a CSI driver than the driver can attach there. */
export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  filter: ({ claims }, { objects }) => {
    const wanted = claims.flatMap(({ key }) => attachedVolume(key, objects) ?? []);
    if (wanted.length === 0) return undefined;
    return { check: (node) => (exceeds(wanted, node, objects) ? refusal : undefined) };
  },
  mayHelp: (event, pod) => {
    switch (event.kind) {
      case 'node added':
        return true;
      case 'storage changed':
        return event.of === 'CSI node' || event.of === 'claim';
      case 'pod gone':
        return event.pod.claims.length > 0 && pod.claims.length > 0;
      default:
        return false;
    }
  },
};

interface AttachedVolume {
  readonly driver: string;
  /** Two pods that mount the same volume attach it once. */
  readonly handle: string;
}

function exceeds(
  wanted: readonly AttachedVolume[],
  node: NodeState,
  objects: ClusterObjects,
): boolean {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of objects.csiNodes.get(node.name)?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  if (!wanted.some(({ driver }) => limits.has(driver))) return false;
  const attached = new Map<string, Set<string>>();
  const attach = ({ driver, handle }: AttachedVolume): void => {
    const handles = attached.get(driver) ?? new Set();
    attached.set(driver, handles.add(handle));
  };
  for (const key of node.claims()) {
    const volume = attachedVolume(key, objects);
    if (volume !== undefined) attach(volume);
  }
  const before = new Map([...attached].map(([driver, handles]) => [driver, handles.size]));
  for (const volume of wanted) attach(volume);
  return [...attached].some(
    ([driver, { size }]) =>
      size > (before.get(driver) ?? 0) && size > (limits.get(driver) ?? Number.POSITIVE_INFINITY),
  );
}

/** What is attached for a claim: its volume, or the one that will be made for it. */
function attachedVolume(key: string, objects: ClusterObjects): AttachedVolume | undefined {
  const claim = objects.claims.get(key) ?? {};
  const { volumeName = '' } = claim.spec ?? {};
  if (volumeName === '') {
    const driver = objects.storageClasses.get(classNameOf(claim))?.provisioner;
    return driver === undefined ? undefined : { driver, handle: `claim ${key}` };
  }
  const csi = objects.volumes.get(volumeName)?.spec?.csi;
  return csi === undefined ? undefined : { driver: csi.driver, handle: csi.volumeHandle };
}
