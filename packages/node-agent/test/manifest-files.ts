import type { Pod } from '@fairway/kinds/core/v1';
import type { FollowManifestsParts } from '../src/static-pods/follow-manifests.ts';

const directory = '/manifests';

/** A folder of manifests, in JSON, that tells of its changes. */
export class ManifestFiles {
  readonly #texts = new Map<string, string>();
  readonly #watchers = new Set<() => void>();
  /** The system tells of no changes. */
  isSilent = false;

  readonly parts: Pick<FollowManifestsParts, 'files' | 'machine' | 'manifests'> = {
    manifests: { directory, parse: async (_file, text) => [JSON.parse(text)] },
    files: {
      read: async (path) => {
        const text = this.#texts.get(path.slice(directory.length + 1));
        return text === undefined ? undefined : Buffer.from(text);
      },
    },
    machine: {
      entry: async () => ({ kind: 'file', mode: 0o644, userId: 0, groupId: 0 }),
      list: async () => [...this.#texts.keys()],
      watch: (_directory, onChange) => {
        this.#watchers.add(onChange);
        return { [Symbol.dispose]: () => void this.#watchers.delete(onChange) };
      },
    },
  };

  write(file: string, pod: Pod | string): void {
    this.#texts.set(file, typeof pod === 'string' ? pod : JSON.stringify(pod));
    this.#tell();
  }

  remove(file: string): void {
    this.#texts.delete(file);
    this.#tell();
  }

  #tell(): void {
    if (!this.isSilent) for (const each of this.#watchers) each();
  }
}
