import type {
  ClusterStanza,
  ContextStanza,
  KubeconfigFile,
  NamedExtension,
  UserStanza,
} from './kubeconfig-schema.ts';

/** Several kubeconfig files as one, each entry knowing the file that it came from. */
export interface Kubeconfig {
  /** Files that were looked for, in order; some may not exist. */
  readonly files: readonly string[];
  readonly currentContext?: string;
  /** The file that says which context is the current one. */
  readonly currentContextFile?: string;
  readonly clusters: ReadonlyMap<string, Entry<ClusterStanza>>;
  readonly users: ReadonlyMap<string, Entry<UserStanza>>;
  readonly contexts: ReadonlyMap<string, Entry<ContextStanza>>;
  readonly extensions: ReadonlyMap<string, Entry<unknown>>;
  readonly preferences: Readonly<Record<string, unknown>>;
}

export interface Entry<T> {
  readonly name: string;
  readonly value: T;
  /** The file of origin: relative paths in `value` are seen from its directory. */
  readonly file: string;
}

export interface LoadedFile {
  readonly path: string;
  readonly content: KubeconfigFile;
}

/**
 * Lays files over each other.
 *
 * The first file that names a cluster, user, context or extension decides it as a whole; fields
 * of two entries are never mixed. The first current context that is not empty counts.
 */
export function mergeKubeconfigs(
  loaded: readonly LoadedFile[],
  files: readonly string[] = loaded.map((each) => each.path),
): Kubeconfig {
  const current = loaded.find(({ content }) => (content['current-context'] ?? '') !== '');
  const preferences = loaded.map(({ content }) => content.preferences ?? {}).toReversed();
  return {
    files,
    ...(current === undefined
      ? {}
      : {
          currentContext: current.content['current-context'] ?? '',
          currentContextFile: current.path,
        }),
    clusters: firstOfEach(loaded, ({ clusters }) =>
      clusters?.map(({ name, cluster }) => [name, cluster ?? {}]),
    ),
    users: firstOfEach(loaded, ({ users }) => users?.map(({ name, user }) => [name, user ?? {}])),
    contexts: firstOfEach(loaded, ({ contexts }) =>
      contexts?.map(({ name, context }) => [name, context ?? {}]),
    ),
    extensions: firstOfEach(loaded, ({ extensions }) => extensionsByName(extensions)),
    preferences: Object.assign({}, ...preferences) as Record<string, unknown>,
  };
}

function extensionsByName(
  extensions: readonly NamedExtension[] | undefined,
): [string, unknown][] | undefined {
  return extensions?.map(({ name, extension }) => [name, extension]);
}

function firstOfEach<T>(
  loaded: readonly LoadedFile[],
  entriesOf: (content: KubeconfigFile) => readonly (readonly [string, T])[] | undefined,
): ReadonlyMap<string, Entry<T>> {
  const entries = new Map<string, Entry<T>>();
  for (const { path, content } of loaded) {
    for (const [name = '', value] of entriesOf(content) ?? []) {
      if (!entries.has(name)) entries.set(name, { name, value, file: path });
    }
  }
  return entries;
}
