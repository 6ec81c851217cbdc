import { type Socket, connect } from 'node:net';
import { createInterface } from 'node:readline';
import { RuntimeError } from '../../runtime/runtime-error.ts';
import { openFolder, socketIn } from '../socket-folder.ts';
import { requested } from '../socket-requests.ts';
import { networkFiles } from './network-plan.ts';
import type {
  EntranceChange,
  EntranceProblem,
  EntrancesAnswer,
  NetworkRequest,
} from './service-entrance.ts';

/** The connection after the answer. `directory`: of the network. Errors: `RuntimeError` with what the program says. */
export async function askNetwork(directory: string, request: NetworkRequest): Promise<Socket> {
  return await requested(await connected(directory), request, notThere);
}

async function connected(directory: string): Promise<Socket> {
  try {
    await using folder = await openFolder(directory);
    const path = socketIn(folder, networkFiles.socket);
    const socket = connect({ path, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return socket.on('error', () => socket.destroy());
  } catch (error) {
    throw notThere(error);
  }
}

export function notThere(cause: unknown): RuntimeError {
  return new RuntimeError('unavailable', 'the network of the pods has no program', { cause });
}

/** Resolves when the program at the other end has ended. */
export async function endOf(socket: Socket): Promise<void> {
  socket.once('end', () => socket.destroy());
  await new Promise<void>((resolve) => void socket.once('close', () => resolve()));
}

/** Tells a network of the entrances to its services, as long as its program runs. */
export class EntranceConnection implements Disposable {
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;
  /** Resolves when whatever was told is to be told again, to the next program. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = endOf(socket);
    this.#answers = createInterface(socket)[Symbol.asyncIterator]();
  }

  /** `directory`: of the network. Errors: `RuntimeError`, `unavailable` while there is no program. */
  static async open(directory: string): Promise<EntranceConnection> {
    return new EntranceConnection(await askNetwork(directory, { kind: 'entrances' }));
  }

  /** Resolves once it holds, but for what it answers. One at a time. Errors: `RuntimeError` when the program is gone. */
  async change(change: EntranceChange): Promise<readonly EntranceProblem[]> {
    this.#socket.write(`${JSON.stringify(change)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw notThere(undefined);
    return (JSON.parse(value) as EntrancesAnswer).problems;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
