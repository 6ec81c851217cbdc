import type { BackgroundProcesses, Clock, Files, MachineFiles } from '@fairway/host';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { HeldContainer, HeldSandbox, KeptSandbox } from './held-pod.ts';
import { ShimClient } from './shim-client.ts';
import type { ContainerState } from './shim-protocol.ts';
import { StateFolder } from './state-folder.ts';

export interface HeldPodsHost {
  readonly clock: Clock;
  readonly files: Files;
  readonly machine: MachineFiles;
  readonly background: BackgroundProcesses;
}

/** Of a container whose end nobody has seen. Source: containerd. */
const unknownEnd = { exitCode: 255, reason: 'Unknown' } as const;

type Tell = (podUid: string | undefined) => void;

/** All sandboxes of a runtime, as they are on disk and as their shims say. */
export class HeldPods {
  readonly folder: StateFolder;
  readonly #host: HeldPodsHost;
  readonly #sandboxes = new Map<string, HeldSandbox>();
  readonly #listeners = new Set<Tell>();

  private constructor(folder: StateFolder, host: HeldPodsHost) {
    this.folder = folder;
    this.#host = host;
  }

  /** Takes up what an agent before has left. */
  static async open(directory: string, host: HeldPodsHost): Promise<HeldPods> {
    const pods = new HeldPods(new StateFolder(directory, host), host);
    for (const kept of await pods.folder.sandboxes()) {
      const sandbox = pods.add(kept);
      for (const container of await pods.folder.containers(kept.id)) {
        sandbox.containers.set(container.kept.id, container);
      }
      if (kept.shim !== undefined) await pods.follow(sandbox);
    }
    return pods;
  }

  sandboxes(): readonly HeldSandbox[] {
    return [...this.#sandboxes.values()];
  }

  /** Of the pods that run, in a network of their own. */
  shimPids(): readonly number[] {
    return this.sandboxes().flatMap(({ kept, shim }) =>
      shim === undefined || kept.address === undefined ? [] : (kept.shim?.pid ?? []),
    );
  }

  add(kept: KeptSandbox): HeldSandbox {
    const sandbox: HeldSandbox = { kept, shim: undefined, containers: new Map() };
    this.#sandboxes.set(kept.id, sandbox);
    return sandbox;
  }

  forget(sandboxId: string): void {
    this.#sandboxes.delete(sandboxId);
  }

  find(sandboxId: string): HeldSandbox | undefined {
    return this.#sandboxes.get(sandboxId);
  }

  /** Errors: `RuntimeError`, `not-found`. */
  shimOf(sandboxId: string): ShimClient {
    const sandbox = this.find(sandboxId);
    if (sandbox === undefined) throw notFound('sandbox', sandboxId);
    if (sandbox.shim === undefined) {
      throw new RuntimeError('failed', `sandbox ${sandboxId} has been stopped`);
    }
    return sandbox.shim;
  }

  findContainer(
    containerId: string,
  ): { readonly container: HeldContainer; readonly sandbox: HeldSandbox } | undefined {
    for (const sandbox of this.#sandboxes.values()) {
      const container = sandbox.containers.get(containerId);
      if (container !== undefined) return { container, sandbox };
    }
    return undefined;
  }

  /** Errors: `RuntimeError`, `not-found`, or `failed` for one that does not run. */
  running(containerId: string): {
    readonly container: HeldContainer;
    readonly sandbox: HeldSandbox;
    readonly shim: ShimClient;
  } {
    const found = this.findContainer(containerId);
    if (found === undefined) throw notFound('container', containerId);
    const { container, sandbox } = found;
    if (container.state.state !== 'running' || sandbox.shim === undefined) {
      throw new RuntimeError('failed', `container ${containerId} is not running`);
    }
    return { container, sandbox, shim: sandbox.shim };
  }

  /** Hears of its containers, and of its end. */
  async follow(sandbox: HeldSandbox): Promise<void> {
    const { id } = sandbox.kept;
    sandbox.shim = await ShimClient.open(this.folder.folderOf(id), {
      changed: (state) => this.#become(sandbox, state),
      gone: () => void this.lose(sandbox),
    });
    if (sandbox.shim === undefined) await this.lose(sandbox);
  }

  /** The shim has ended, and all that ran below it. */
  async lose(sandbox: HeldSandbox): Promise<void> {
    const { shim } = sandbox;
    sandbox.shim = undefined;
    await shim?.close();
    for (const container of sandbox.containers.values()) {
      if (container.state.state !== 'running') continue;
      const finishedMs = this.#host.clock.now();
      container.state = { ...container.state, state: 'exited', finishedMs, ...unknownEnd };
      await this.folder.keepState(sandbox.kept.id, container.state);
    }
    this.tell(sandbox);
  }

  tell({ kept }: HeldSandbox): void {
    for (const listener of this.#listeners) listener(kept.config.pod.uid);
  }

  listen(listener: (podUid?: string) => void): Disposable {
    // Each is one of its own, also when the same function listens twice.
    const own: Tell = (podUid) => listener(podUid);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  async close(): Promise<void> {
    for (const { shim } of this.#sandboxes.values()) await shim?.close();
  }

  #become(sandbox: HeldSandbox, state: ContainerState): void {
    const container = sandbox.containers.get(state.id);
    if (container === undefined) return;
    container.state = state;
    // Whoever starts one knows that it runs.
    if (state.state === 'exited') this.tell(sandbox);
  }
}

export function notFound(what: string, id: string): RuntimeError {
  return new RuntimeError('not-found', `there is no ${what} ${id}`);
}
