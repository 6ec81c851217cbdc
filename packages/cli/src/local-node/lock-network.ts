import { DisposalStack, type Host, type MachineFiles } from '@fairway/host';
import { isInNetwork, parseCidr } from '@fairway/protocol/nodejs';

const directory = '/run/fairway-networks';

/**
 * Keeps a network for one cluster of this machine: two that have the same would take each other's packets.
 * Undefined where another one has it.
 */
export async function lockNetwork(
  { files }: Pick<Host, 'files'>,
  network: string,
): Promise<AsyncDisposable | undefined> {
  await files.makeDirectory(directory, { mode: 0o755 });
  return files.lock(`${directory}/${network.replace('/', '_')}`);
}

/** The networks that one cluster of this machine has, until it is disposed of. */
export class NetworkLocks implements AsyncDisposable {
  readonly #host: Pick<Host, 'files'>;
  readonly #machineFiles: Pick<MachineFiles, 'list'>;
  readonly #held = new DisposalStack();
  readonly #networks = new Set<string>();

  constructor(host: Pick<Host, 'files'>, machineFiles: Pick<MachineFiles, 'list'>) {
    this.#host = host;
    this.#machineFiles = machineFiles;
  }

  /** Answers whether it is the cluster's now: no other one has it, or any of its addresses. */
  async take(network: string): Promise<boolean> {
    if (this.#networks.has(network)) return true;
    await using taking = new DisposalStack();
    const lock = await lockNetwork(this.#host, network);
    if (lock === undefined) return false;
    taking.use(lock);
    // Looked for once it is locked: of two that take at the same time one at least sees the other.
    if (await this.#isShared(network)) return false;
    this.#held.use(taking.move());
    this.#networks.add(network);
    return true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#held[Symbol.asyncDispose]();
  }

  async #isShared(network: string): Promise<boolean> {
    for (const name of await this.#machineFiles.list(directory)) {
      const other = name.replace('_', '/');
      const isOwn = other === network || this.#networks.has(other);
      // Beside a lock there may lie a file of SQLite.
      if (isOwn || parseCidr(other) === undefined || !shareAddresses(other, network)) continue;
      const lock = await lockNetwork(this.#host, other);
      if (lock === undefined) return true;
      await lock[Symbol.asyncDispose]();
    }
    return false;
  }
}

/** Whether two networks in CIDR notation have an address in common. */
export function shareAddresses(one: string, other: string): boolean {
  const base = (cidr: string): string => cidr.split('/')[0] ?? '';
  return isInNetwork(base(one), other) || isInNetwork(base(other), one);
}
