import type { KeyToPath, PersistentVolumeClaimSpec, Volume } from '@fairway/kinds/core/v1';

import { byteWarnings } from './amounts.ts';
import { overlappingPaths, projectedWarnings } from './volume-paths.ts';

/** Kinds of volumes that no longer work, by their fields in JSON. */
const deprecatedSources: ReadonlyMap<string, readonly [name: string, why: string]> = new Map([
  [
    'photonPersistentDisk',
    ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ],
  ['gitRepo', ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+']],
  ['scaleIO', ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+']],
  ['flocker', ['flocker', 'deprecated in v1.22, non-functional in v1.25+']],
  ['storageos', ['storageOS', 'deprecated in v1.22, non-functional in v1.25+']],
  ['quobyte', ['quobyte', 'deprecated in v1.22, non-functional in v1.25+']],
  ['glusterfs', ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+']],
  ['cephfs', ['cephfs', 'deprecated in v1.28, non-functional in v1.31+']],
  ['rbd', ['rbd', 'deprecated in v1.28, non-functional in v1.31+']],
]);

export function* sourceWarnings(volume: object, path: string): Iterable<string> {
  for (const field of Object.keys(volume)) {
    const deprecated = deprecatedSources.get(field);
    if (deprecated !== undefined) yield `${path}.${deprecated[0]}: ${deprecated[1]}`;
  }
}

export function* volumeWarnings(volume: Volume, path: string): Iterable<string> {
  yield* sourceWarnings(volume, path);
  const { ephemeral, configMap, secret, downwardAPI, projected } = volume;
  if (ephemeral) {
    const claim = ephemeral.volumeClaimTemplate?.spec;
    yield* claimWarnings(claim, `${path}.ephemeral.volumeClaimTemplate.spec`);
  }
  const volumeName = `volume "${volume.name}"`;
  if (configMap)
    yield* itemWarnings(configMap.items, `${volumeName} (ConfigMap "${configMap.name}")`);
  if (secret) yield* itemWarnings(secret.items, `${volumeName} (Secret "${secret.secretName}")`);
  if (downwardAPI) yield* itemWarnings(downwardAPI.items, `${volumeName} (DownwardAPI)`);
  if (projected) yield* projectedWarnings(projected, `${volumeName} (Projected)`);
}

function* itemWarnings(
  items: readonly Pick<KeyToPath, 'path'>[] | undefined,
  where: string,
): Iterable<string> {
  const files = (items ?? []).map(({ path }) => ({ path, source: '' }));
  yield* overlappingPaths(files, where);
}

export function* claimWarnings(
  spec: PersistentVolumeClaimSpec | undefined,
  path: string,
): Iterable<string> {
  const { requests, limits } = spec?.resources ?? {};
  yield* byteWarnings(requests, ['storage'], `${path}.resources.requests`);
  yield* byteWarnings(limits, ['storage'], `${path}.resources.limits`);
}
