import { PodError } from '../sources/pod-sources.ts';
import type { SetUpVolume } from './volume-set-up.ts';

/** Names what is no source of a volume in its own object. */
const otherFields = new Set([
  'name',
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);

/** What a node answers that has no driver for a volume. */
export function noPlugin(name: string, source: object): PodError {
  const kinds = Object.keys(source).filter((key) => !otherFields.has(key));
  const volume = JSON.stringify(name);
  return new PodError(
    `failed to get Plugin from volumeSpec for volume ${volume} err=no volume plugin matched: this node has none for ${kinds.join() || 'nothing'}; use a claim of the class standard, or a local or hostPath volume`,
  );
}

export const refuseVolume: SetUpVolume = async ({ volume }) => {
  throw noPlugin(volume.name, volume);
};
