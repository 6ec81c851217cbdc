import type { ProjectedVolumeSource } from '@fairway/kinds/core/v1';

/** A file in a volume, and what it comes from: ` (Secret "b")`. */
interface VolumeFile {
  readonly path: string;
  readonly source: string;
}

/** Files of which one hides another: the same twice, or one where another has a folder. */
export function* overlappingPaths(files: Iterable<VolumeFile>, where: string): Iterable<string> {
  const byPath = new Map<string, VolumeFile>();
  /** The first file below each folder. */
  const byFolder = new Map<string, VolumeFile>();
  for (const file of files) {
    const path = cleanPath(file.path);
    const folders = foldersOf(path);
    const above = folders.map((folder) => byPath.get(folder)).find((each) => each !== undefined);
    const other = byPath.get(path) ?? byFolder.get(path) ?? above;
    if (other !== undefined) {
      yield `${where}: overlapping paths: "${file.path}"${file.source} with "${other.path}"${other.source}`;
    }
    if (!byPath.has(path)) byPath.set(path, file);
    for (const folder of folders) if (!byFolder.has(folder)) byFolder.set(folder, file);
  }
}

function cleanPath(path: string | undefined): string {
  return (path ?? '').replace(/^(\.\/)+|\/+$/g, '').replaceAll(/\/+/g, '/');
}

/** More than any file system takes. */
const depthMax = 100;

function foldersOf(path: string): readonly string[] {
  const steps = path.split('/', depthMax);
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('/'));
}

export function* projectedWarnings(
  projected: ProjectedVolumeSource,
  where: string,
): Iterable<string> {
  const sources = projected.sources ?? [];
  for (const source of sources) {
    if (Object.keys(source).length === 0) yield `${where} has no sources provided`;
  }
  yield* overlappingPaths(projectedFiles(sources), where);
}

function* projectedFiles(
  sources: NonNullable<ProjectedVolumeSource['sources']>,
): Iterable<VolumeFile> {
  for (const {
    configMap,
    secret,
    downwardAPI,
    serviceAccountToken,
    clusterTrustBundle,
  } of sources) {
    for (const { path } of configMap?.items ?? []) {
      yield { path, source: ` (ConfigMap "${configMap?.name}")` };
    }
    for (const { path } of secret?.items ?? []) {
      yield { path, source: ` (Secret "${secret?.name}")` };
    }
    for (const { path } of downwardAPI?.items ?? []) yield { path, source: ' (DownwardAPI)' };
    if (serviceAccountToken) {
      yield { path: serviceAccountToken.path, source: ' (ServiceAccountToken)' };
    }
    if (clusterTrustBundle) {
      yield { path: clusterTrustBundle.path, source: ' (ClusterTrustBundle)' };
    }
  }
}
