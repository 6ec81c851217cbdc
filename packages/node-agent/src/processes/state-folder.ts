import type { Files, MachineFiles } from '@fairway/host';
import type { HeldContainer, KeptContainer, KeptSandbox } from './held-pod.ts';
import { type ContainerState, shimFiles } from './shim-protocol.ts';

/** What a runtime keeps on disk, one folder a sandbox. */
export class StateFolder {
  readonly #directory: string;
  readonly #host: { readonly files: Files; readonly machine: MachineFiles };

  constructor(directory: string, host: { readonly files: Files; readonly machine: MachineFiles }) {
    this.#directory = directory;
    this.#host = host;
  }

  folderOf(sandboxId: string): string {
    return `${this.#directory}/${sandboxId}`;
  }

  async sandboxes(): Promise<readonly KeptSandbox[]> {
    const kept: KeptSandbox[] = [];
    for (const id of await this.#host.machine.list(this.#directory)) {
      const sandbox = await this.#read<KeptSandbox>(`${this.folderOf(id)}/sandbox.json`);
      if (sandbox !== undefined) kept.push(sandbox);
    }
    return kept;
  }

  async containers(sandboxId: string): Promise<readonly HeldContainer[]> {
    const held: HeldContainer[] = [];
    const folder = this.folderOf(sandboxId);
    for (const name of await this.#host.machine.list(folder)) {
      const id = /^(.+)\.container\.json$/.exec(name)?.[1];
      if (id === undefined) continue;
      const kept = await this.#read<KeptContainer>(`${folder}/${name}`);
      const state = await this.#read<ContainerState>(`${folder}/${shimFiles.stateOf(id)}`);
      if (kept !== undefined) held.push({ kept, state: state ?? { id, state: 'created' } });
    }
    return held;
  }

  async makeSandbox(kept: KeptSandbox): Promise<void> {
    await this.#host.files.makeDirectory(this.folderOf(kept.id), { mode: 0o700 });
    await this.keepSandbox(kept);
  }

  async keepSandbox(kept: KeptSandbox): Promise<void> {
    await this.write(kept.id, 'sandbox.json', kept);
  }

  async keepContainer(kept: KeptContainer): Promise<void> {
    await this.write(kept.sandboxId, `${kept.id}.container.json`, kept);
  }

  async keepState(sandboxId: string, state: ContainerState): Promise<void> {
    await this.write(sandboxId, shimFiles.stateOf(state.id), state);
  }

  async write(sandboxId: string, name: string, value: object | string): Promise<string> {
    const path = `${this.folderOf(sandboxId)}/${name}`;
    const isText = typeof value === 'string';
    const bytes = Buffer.from(isText ? value : JSON.stringify(value));
    // Containers read texts; whatever else is kept may hold secrets.
    await this.#host.files.write(path, bytes, { mode: isText ? 0o644 : 0o600 });
    return path;
  }

  async removeContainer({ id, sandboxId }: KeptContainer): Promise<void> {
    const folder = this.folderOf(sandboxId);
    for (const name of [`${id}.container.json`, shimFiles.stateOf(id), `${id}.hosts`]) {
      await this.#host.files.remove(`${folder}/${name}`);
    }
  }

  removeSandbox(sandboxId: string): Promise<void> {
    return this.#host.machine.removeTree(this.folderOf(sandboxId));
  }

  async #read<Kept>(path: string): Promise<Kept | undefined> {
    const bytes = await this.#host.files.read(path);
    return bytes && (JSON.parse(Buffer.from(bytes).toString()) as Kept);
  }
}
