import type { NewFile } from '@fairway/host';
import type {
  Container,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  Volume,
  VolumeProjection,
} from '@fairway/kinds/core/v1';
import { fieldValue, resourceValue } from '../environment/field-value.ts';
import { PodError, type PodSources, absentError } from '../sources/pod-sources.ts';

/** What a volume holds before anybody writes to it. */
export type VolumeFiles =
  | {
      readonly kind: 'files';
      readonly files: ReadonlyMap<string, NewFile>;
      readonly tokens: readonly TokenFile[];
    }
  | { readonly kind: 'empty' }
  /** Only a node has it. */
  | { readonly kind: 'unavailable'; readonly source: string };

/** A token that belongs into a volume. */
export interface TokenFile {
  readonly path: string;
  readonly mode: number;
  /** Absent: the API itself. */
  readonly audience?: string;
  readonly expirationSeconds: number;
}

const modeDefault = 0o644;
const tokenSeconds = 3_600;

/**
 * The files of a volume, as the kubelet would write them.
 *
 * Errors: `PodError` for an object or a key that is not there and not optional.
 */
export async function volumeFiles(
  volume: Volume,
  { pod, sources }: { readonly pod: Pod; readonly sources: PodSources },
): Promise<VolumeFiles> {
  const { configMap, secret, downwardAPI, projected, emptyDir } = volume;
  if (emptyDir !== undefined) return { kind: 'empty' };
  const projections: VolumeProjection[] = [...(projected?.sources ?? [])];
  if (configMap !== undefined) projections.push({ configMap });
  if (secret !== undefined) {
    const { secretName, ...rest } = secret;
    projections.push({
      secret: { ...rest, ...(secretName === undefined ? {} : { name: secretName }) },
    });
  }
  if (downwardAPI !== undefined) projections.push({ downwardAPI });
  if (projections.length === 0) {
    const source = Object.keys(volume).filter((key) => key !== 'name');
    return { kind: 'unavailable', source: source.join() || 'nothing' };
  }
  const mode = (configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? modeDefault;
  const files = new Map<string, NewFile>();
  const tokens: TokenFile[] = [];
  for (const projection of projections) {
    const { serviceAccountToken: token } = projection;
    if (token !== undefined) {
      const { path, audience, expirationSeconds = tokenSeconds } = token;
      tokens.push({ path, mode, expirationSeconds, ...(audience ? { audience } : {}) });
    }
    for (const [path, file] of await projectedFiles(projection, { pod, sources, mode })) {
      files.set(path, file);
    }
  }
  return { kind: 'files', files, tokens };
}

interface Projecting {
  readonly pod: Pod;
  readonly sources: PodSources;
  readonly mode: number;
}

async function projectedFiles(
  { configMap, secret, downwardAPI }: VolumeProjection,
  { pod, sources, mode }: Projecting,
): Promise<ReadonlyMap<string, NewFile>> {
  if (configMap !== undefined) {
    const { name = '', optional, items } = configMap;
    const found = await sources.configMap(name);
    if (found === undefined && optional !== true) throw absentError('configmap', name);
    const data = new Map([
      ...Object.entries(found?.data ?? {}).map(([key, text]) => [key, Buffer.from(text)] as const),
      ...decoded(found?.binaryData),
    ]);
    const absent = 'configmap references non-existent config key';
    return selected(data, { absent, items, optional, mode });
  }
  if (secret !== undefined) {
    const { name = '', optional, items } = secret;
    const found = await sources.secret(name);
    if (found === undefined && optional !== true) throw absentError('secret', name);
    return selected(new Map(decoded(found?.data)), {
      absent: 'references non-existent secret key',
      items,
      optional,
      mode,
    });
  }
  const facts = downwardAPI?.items ?? [];
  return new Map(
    facts.map((each) => [
      each.path,
      { bytes: Buffer.from(factOf(pod, each)), mode: each.mode ?? mode },
    ]),
  );
}

function decoded(data: Readonly<Record<string, string>> = {}): (readonly [string, Uint8Array])[] {
  return Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64')]);
}

/** The keys that are wanted, by the paths at which they are wanted; all, where none are named. */
function selected(
  data: ReadonlyMap<string, Uint8Array>,
  wish: {
    /** What to say of a key that is not there. */
    readonly absent: string;
    readonly items: readonly KeyToPath[] | undefined;
    readonly optional: boolean | undefined;
    readonly mode: number;
  },
): ReadonlyMap<string, NewFile> {
  const files = new Map<string, NewFile>();
  const items: readonly KeyToPath[] =
    wish.items ?? [...data.keys()].map((key) => ({ key, path: key }));
  for (const { key, path, mode = wish.mode } of items) {
    const bytes = data.get(key);
    if (bytes !== undefined) files.set(path, { bytes, mode });
    else if (wish.optional !== true) throw new PodError(`${wish.absent}: ${key}`);
  }
  return files;
}

function factOf(pod: Pod, { fieldRef, resourceFieldRef }: DownwardAPIVolumeFile): string {
  if (fieldRef !== undefined) return fieldValue(pod, fieldRef.fieldPath) ?? '';
  if (resourceFieldRef === undefined) return '';
  const containers: readonly Container[] = [
    ...(pod.spec?.containers ?? []),
    ...(pod.spec?.initContainers ?? []),
  ];
  const container = containers.find(({ name }) => name === resourceFieldRef.containerName);
  return container === undefined ? '' : (resourceValue(container, resourceFieldRef) ?? '');
}
