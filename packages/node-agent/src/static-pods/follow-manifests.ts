import {
  type Clock,
  type Files,
  type Logger,
  type MachineFiles,
  messageOf,
  sleep,
} from '@fairway/host';
import { keyOf } from '@fairway/reconcile';
import { type StaticPod, parseStaticPod } from './parse-static-pod.ts';
import type { StaticPods } from './static-pods.ts';

/** A folder with the manifests of static pods. */
export interface PodManifests {
  /** Absolute. */
  readonly directory: string;
  /** The objects in a file of YAML or JSON. Errors: throws for what is neither. */
  readonly parse: (file: string, text: string) => Promise<readonly unknown[]>;
}

export interface FollowManifestsParts {
  /** Undefined: there are no static pods. */
  readonly manifests: PodManifests | undefined;
  readonly staticPods: StaticPods;
  readonly nodeName: string;
  readonly files: Pick<Files, 'read'>;
  readonly machine: Pick<MachineFiles, 'entry' | 'list' | 'watch'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where nothing tells of changes. Source: KubeletConfiguration, `fileCheckFrequency`. */
const lookEveryMs = 20_000;
/** Source: a kubelet's `maxConfigLength`. */
const manifestBytesMax = 10 * 1024 * 1024;

/**
 * Wants the pods whose manifests lie in a folder, until the signal aborts. A file that cannot be used is told of
 * once; what it said before holds until it is mended or taken away.
 */
export async function followManifests(
  parts: FollowManifestsParts,
  signal: AbortSignal,
): Promise<void> {
  const { manifests, staticPods, machine, clock, logger } = parts;
  if (manifests === undefined) return staticPods.want([], clock.now());
  const folder = new ManifestFolder(parts, manifests);
  while (!signal.aborted) {
    const changed = new AbortController();
    using _watching = machine.watch(manifests.directory, () => changed.abort());
    try {
      staticPods.want(await folder.look(), clock.now());
    } catch (error) {
      const { directory } = manifests;
      logger.error('the manifests of static pods cannot be read', { directory, error });
    }
    await sleep(clock, lookEveryMs, AbortSignal.any([signal, changed.signal])).catch(() => {});
  }
}

/** What a file held when it was last looked at. */
interface ManifestFile {
  readonly text: string | undefined;
  readonly pods: readonly StaticPod[];
}

class ManifestFolder {
  readonly #parts: FollowManifestsParts;
  readonly #manifests: PodManifests;
  #files: ReadonlyMap<string, ManifestFile> = new Map();
  /** Files whose pods have names that others have, as they were told of. */
  #clashes = new Set<string>();

  constructor(parts: FollowManifestsParts, manifests: PodManifests) {
    this.#parts = parts;
    this.#manifests = manifests;
  }

  /** The pods of all files, by the names of the files. */
  async look(): Promise<readonly StaticPod[]> {
    const names = await this.#parts.machine.list(this.#manifests.directory);
    const files = new Map<string, ManifestFile>();
    for (const name of names.filter((each) => !each.startsWith('.')).sort()) {
      const file = await this.#read(name, this.#files.get(name));
      if (file !== undefined) files.set(name, file);
    }
    this.#files = files;
    return this.#withoutClashes();
  }

  /** Undefined: it is no file. */
  async #read(name: string, before: ManifestFile | undefined): Promise<ManifestFile | undefined> {
    const path = `${this.#manifests.directory}/${name}`;
    const { files, machine } = this.#parts;
    let text: string | undefined;
    try {
      if ((await machine.entry(path))?.kind !== 'file') return undefined;
      const bytes = await files.read(path, { bytesMax: manifestBytesMax });
      if (bytes === undefined) return undefined;
      text = Buffer.from(bytes).toString();
      if (text === before?.text) return before;
      return { text, pods: await this.#podsIn(path, text) };
    } catch (error) {
      const problem = messageOf(error);
      this.#refuse(path, problem);
      return { text, pods: before?.pods ?? [] };
    }
  }

  /** Errors: throws for a file that cannot be used. */
  async #podsIn(path: string, text: string): Promise<readonly StaticPod[]> {
    const { nodeName } = this.#parts;
    const objects = await this.#manifests.parse(path, text);
    if (objects.length === 0) throw new Error('it holds no object: write a Pod in it');
    return objects.map((each) => {
      const parsed = parseStaticPod(each, { file: path, nodeName });
      if (parsed.kind === 'problem') throw new Error(parsed.problem);
      return parsed.pod;
    });
  }

  /** Of pods that have the same name the first one runs. */
  #withoutClashes(): readonly StaticPod[] {
    const pods = new Map<string, StaticPod>();
    const clashes = new Set<string>();
    for (const [name, file] of this.#files) {
      for (const pod of file.pods) {
        const key = keyOf(pod);
        if (!pods.has(key)) {
          pods.set(key, pod);
          continue;
        }
        clashes.add(`${name} ${key}`);
        if (this.#clashes.has(`${name} ${key}`)) continue;
        const path = `${this.#manifests.directory}/${name}`;
        this.#refuse(path, `another file has a pod that is called ${key} too: rename one of them`);
      }
    }
    this.#clashes = clashes;
    return [...pods.values()];
  }

  #refuse(file: string, problem: string): void {
    this.#parts.logger.error('the manifest of a static pod cannot be used', { file, problem });
  }
}
