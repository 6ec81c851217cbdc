import type { FileHandle } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { createInterface } from 'node:readline';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { type ContainerState, type ShimRequest, shimFiles } from './shim-protocol.ts';
import { openFolder, socketIn } from './socket-folder.ts';
import { requested } from './socket-requests.ts';

/** Speaks with the shim of a pod, which an agent before may have started. */
export class ShimClient {
  readonly #folder: FileHandle;
  #watching: Socket | undefined;

  private constructor(folder: FileHandle) {
    this.#folder = folder;
  }

  /** `directory`: that of the pod. Undefined when its shim does not answer: it has ended. */
  static async open(
    directory: string,
    listener: { readonly changed: (state: ContainerState) => void; readonly gone: () => void },
  ): Promise<ShimClient | undefined> {
    const folder = await openFolder(directory);
    const client = new ShimClient(folder);
    try {
      await client.#watch(listener);
      return client;
    } catch {
      await folder.close();
      return undefined;
    }
  }

  /** Errors: `RuntimeError` with what the shim says. */
  async ask(request: ShimRequest): Promise<void> {
    const socket = await this.stream(request);
    socket.destroy();
  }

  /** The connection after the answer: the bytes that were asked for. */
  async stream(request: ShimRequest): Promise<Socket> {
    const path = socketIn(this.#folder, shimFiles.socket);
    const notThere = (cause: unknown): RuntimeError =>
      new RuntimeError('unavailable', 'the shim of the pod does not answer', { cause });
    return await requested(connect({ path, allowHalfOpen: true }), request, notThere);
  }

  async close(): Promise<void> {
    this.#watching?.removeAllListeners('close').destroy();
    await this.#folder.close();
  }

  async #watch(listener: {
    readonly changed: (state: ContainerState) => void;
    readonly gone: () => void;
  }): Promise<void> {
    const socket = await this.stream({ kind: 'watch' });
    this.#watching = socket;
    socket.on('error', () => {}).once('close', listener.gone);
    socket.once('end', () => socket.destroy());
    createInterface(socket).on('line', (line) =>
      listener.changed(JSON.parse(line) as ContainerState),
    );
  }
}
