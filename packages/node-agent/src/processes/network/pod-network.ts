import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  type BackgroundProcesses,
  type Clock,
  type Files,
  type Logger,
  sleep,
} from '@fairway/host';
import { RuntimeError } from '../../runtime/runtime-error.ts';
import { userNamespace } from '../process-host.ts';
import { StartingProgram } from '../starting-program.ts';
import {
  type KeptNetwork,
  type NamespaceFiles,
  enteringCommand,
  heldNamespaces,
  namespacesOf,
  readKept,
} from './kept-network.ts';
import { askNetwork, endOf } from './network-client.ts';
import {
  type NetworkPlan,
  type PodLink,
  type ProgramReady,
  linkName,
  networkFiles,
} from './network-plan.ts';
import { runIp } from './run-ip.ts';
import { linkCommands } from './set-up-network.ts';

/** Before a program is begun anew, so that one that always ends takes no processor. */
const restartDelayMs = 200;

export interface PodNetworkOptions {
  /** For what it keeps. */
  readonly directory: string;
  readonly nodeProgram: string;
  /** False: the network is in a namespace of users of its own, and so are those of its pods. */
  readonly isRoot: boolean;
  /** Undefined: no pods are to start. */
  readonly plan: NetworkPlan | undefined;
  /** The shims of the pods in it, which hold it when its program has ended. */
  readonly holders: () => readonly number[];
  readonly host: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly files: Files;
    readonly background: BackgroundProcesses;
  };
}

/** The network that the pods of a node are in: a namespace of its own, held by a program that outlives the agent. */
export class PodNetwork {
  readonly #options: PodNetworkOptions;
  /** One after the other: there is to be one network. */
  #starting: Promise<void> = Promise.resolve();
  #kept: KeptNetwork | undefined;
  #watching: Socket | undefined;
  readonly #closing = new AbortController();

  private constructor(options: PodNetworkOptions) {
    this.#options = options;
  }

  /** Takes up the one that an agent before has left, or makes it. */
  static async open(options: PodNetworkOptions): Promise<PodNetwork> {
    const network = new PodNetwork(options);
    network.#kept = await readKept(options.host.files, options.directory);
    if (options.plan !== undefined) await network.start();
    return network;
  }

  /** Errors: `RuntimeError` where no pods are to start. */
  get gateway(): string {
    return this.#plan().gateway;
  }

  /** Sees to it that it is there, also when its program is killed. Errors: `RuntimeError`. */
  async start(): Promise<void> {
    const before = this.#starting;
    this.#starting = before.catch(() => {}).then(() => this.#startNow());
    await this.#starting;
  }

  /** Before the command of a pod's shim, so that the network may give it a link. */
  enterUsers(): readonly string[] {
    if (this.#options.isRoot) return [];
    return ['nsenter', `--user=${this.#files().user}`, '--preserve-credentials', '--'];
  }

  /** What holds the network as long as somebody has them, whoever else ends. */
  async hold(): Promise<readonly FileHandle[]> {
    const { net, user } = this.#files();
    const paths = this.#options.isRoot ? [net] : [net, user];
    return await Promise.all(paths.map((path) => open(path, constants.O_RDONLY)));
  }

  /** Leads to the network in which the process `pid` is, which makes its own end. */
  async link(to: PodLink, of: { readonly sandboxId: string; readonly pid: number }): Promise<void> {
    const name = linkName(of.sandboxId);
    const commands = linkCommands(to, { name, pid: of.pid });
    await runIp(commands, this.#entering(this.#files()));
  }

  /** Lets go of it, and ends it when nobody is in it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#starting.catch(() => {});
    this.#watching?.destroy();
    if (this.#kept === undefined || this.#options.holders().length > 0) return;
    if (await this.#isThere()) this.#options.host.background.signal(this.#kept.pid, 'SIGKILL');
    await this.#options.host.files.remove(this.#path(networkFiles.kept));
  }

  async #startNow(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    if (!(await this.#isThere())) await this.#run();
    if (this.#watching === undefined) await this.#watch();
  }

  async #run(): Promise<void> {
    const { directory, nodeProgram, isRoot, holders, host } = this.#options;
    await host.files.makeDirectory(directory, { mode: 0o700 });
    await this.#write(networkFiles.plan, this.#plan());
    const [holder] = holders();
    const fresh = ['unshare', ...(isRoot ? [] : userNamespace), '--net'];
    const program = await StartingProgram.start({
      directory,
      logName: networkFiles.log,
      nodeProgram,
      program: fileURLToPath(import.meta.resolve('@fairway/node-agent/pod-network')),
      enter: holder === undefined ? fresh : this.#entering(heldNamespaces(holder)),
    });
    program.leave();
    const { pid } = await program.said<ProgramReady>();
    const identity = (await host.background.identityOf(pid)) ?? '';
    this.#kept = { pid, identity };
    await this.#write(networkFiles.kept, this.#kept);
  }

  /** Whoever ends it has it begun anew. */
  async #watch(): Promise<void> {
    const socket = await askNetwork(this.#options.directory, { kind: 'watch' });
    this.#watching = socket;
    void endOf(socket.resume()).then(() => {
      this.#watching = undefined;
      if (!this.#closing.signal.aborted) void this.#restart();
    });
  }

  async #restart(): Promise<void> {
    const { clock, logger } = this.#options.host;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      logger.warn('the network of pods that are processes has lost its program, which begins anew');
      try {
        await sleep(clock, restartDelayMs, signal);
        return await this.start();
      } catch (error) {
        if (!signal.aborted) logger.error('the network of pods has no program', { error });
      }
    }
  }

  async #isThere(): Promise<boolean> {
    if (this.#kept === undefined) return false;
    const { pid, identity } = this.#kept;
    return (await this.#options.host.background.identityOf(pid)) === identity;
  }

  #entering(namespaces: NamespaceFiles): readonly string[] {
    return enteringCommand(namespaces, this.#options.isRoot);
  }

  #files(): NamespaceFiles {
    if (this.#kept === undefined) {
      throw new RuntimeError('failed', 'the network of the pods is not there');
    }
    return namespacesOf(this.#kept);
  }

  #plan(): NetworkPlan {
    const { plan } = this.#options;
    if (plan === undefined) throw new RuntimeError('failed', 'the node has no addresses for pods');
    return plan;
  }

  #path(name: string): string {
    return `${this.#options.directory}/${name}`;
  }

  async #write(name: string, value: object): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(value));
    await this.#options.host.files.write(this.#path(name), bytes, { mode: 0o600 });
  }
}
