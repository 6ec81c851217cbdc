import { ephemeralClaimName } from '@fairway/kind-rules/pods';
import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { PodError } from '../sources/pod-sources.ts';
import { checkHostPath } from './host-path.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { giveToPod } from './pod-group.ts';
import { noPlugin } from './unsupported-volume.ts';
import type { VolumeSetUp } from './volume-set-up.ts';

/** What a claim of the pod's namespace is bound to: `local` and `hostPath` volumes. */
export async function setUpClaim(setUp: VolumeSetUp): Promise<MountedVolume> {
  const { claimName = '', readOnly = false } = setUp.volume.persistentVolumeClaim ?? {};
  const claim = await claimOf(setUp, claimName);
  return setUpBound(setUp, { claim, claimName, isReadOnly: readOnly });
}

/** What the claim is bound to that came with the pod. */
export async function setUpEphemeral(setUp: VolumeSetUp): Promise<MountedVolume> {
  const { pod, volume } = setUp;
  const claimName = ephemeralClaimName(pod.metadata?.name ?? '', volume.name);
  const claim = await claimOf(setUp, claimName);
  const owners = claim.metadata?.ownerReferences ?? [];
  if (!owners.some(({ uid, controller }) => uid === pod.metadata?.uid && controller === true)) {
    throw problem(setUp, claimName, 'PVC was not created for the pod (pod is not owner)');
  }
  return setUpBound(setUp, { claim, claimName, isReadOnly: false });
}

async function claimOf(setUp: VolumeSetUp, name: string): Promise<PersistentVolumeClaim> {
  const claim = await setUp.sources.claim(name);
  if (claim !== undefined) return claim;
  const words = `persistentvolumeclaims ${JSON.stringify(name)} not found`;
  throw problem(setUp, name, `failed to fetch PVC from API server: ${words}`);
}

interface BoundClaim {
  readonly claim: PersistentVolumeClaim;
  readonly claimName: string;
  readonly isReadOnly: boolean;
}

async function setUpBound(
  setUp: VolumeSetUp,
  { claim, claimName, isReadOnly }: BoundClaim,
): Promise<MountedVolume> {
  const name = claim.spec?.volumeName ?? '';
  if (claim.metadata?.deletionTimestamp !== undefined && name === '') {
    throw problem(setUp, claimName, 'PVC is being deleted');
  }
  if (claim.status?.phase !== 'Bound' || name === '') {
    throw problem(setUp, claimName, 'PVC is not bound');
  }
  const volume = await setUp.sources.persistentVolume(name);
  if (volume === undefined) {
    const words = `persistentvolumes ${JSON.stringify(name)} not found`;
    throw problem(
      setUp,
      claimName,
      `failed to fetch PV ${JSON.stringify(name)} from API server: ${words}`,
    );
  }
  if (volume.spec?.claimRef?.uid !== claim.metadata?.uid) {
    const words = `claimed by ${volume.spec?.claimRef?.namespace}/${volume.spec?.claimRef?.name}`;
    throw problem(setUp, claimName, `PV ${JSON.stringify(name)} is ${words}, not by this claim`);
  }
  const hostPath = await pathOf(volume, setUp);
  return { hostPath, isReadOnly, kind: 'persistentVolumeClaim' };
}

async function pathOf({ metadata, spec }: PersistentVolume, setUp: VolumeSetUp): Promise<string> {
  const { local, hostPath, volumeMode } = spec ?? {};
  const name = JSON.stringify(metadata?.name);
  if (volumeMode === 'Block') {
    throw new PodError(`volume ${name} has volumeMode Block, but is specified in volumeMounts`);
  }
  if (hostPath !== undefined) {
    await checkHostPath(hostPath, setUp.machine);
    return hostPath.path;
  }
  if (local === undefined) throw noPlugin(metadata?.name ?? '', spec ?? {});
  await checkHostPath({ path: local.path }, setUp.machine);
  const entry = await setUp.machine.entry(local.path);
  if (entry === undefined) throw new PodError(`path ${JSON.stringify(local.path)} does not exist`);
  if (entry.kind !== 'directory') {
    throw new PodError(`path ${JSON.stringify(local.path)} is not a directory`);
  }
  const changePolicy = setUp.pod.spec?.securityContext?.fsGroupChangePolicy;
  await giveToPod(local.path, setUp, changePolicy);
  return local.path;
}

function problem({ pod }: VolumeSetUp, claim: string, what: string): PodError {
  return new PodError(`error processing PVC ${pod.metadata?.namespace}/${claim}: ${what}`);
}
