import {
  type BackgroundProcesses,
  type Clock,
  type Logger,
  type MachineFiles,
  sleep,
} from '@fairway/host';
import { CriClient } from '../cri/cri-client.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { type ContainerdFolders, containerdConfig } from './containerd-config.ts';
import {
  type ContainerHost,
  type HostDoors,
  lackedCapabilities,
  toolPath,
} from './host-capabilities.ts';
import { networkConfig } from './network-config.ts';
import { ensurePauseImage, pauseImage } from './pause-image.ts';
import { removeFolders, removeSandboxes } from './remove-leftovers.ts';

/** So long containerd has to answer after its start; on a machine with much to do it takes seconds. */
const startTimeoutMs = 60_000;
/** So long it has to end. */
const stopTimeoutMs = 10_000;
/** How often a process is looked at that is waited for, and one that is to live. */
const lookMs = 20;
const watchMs = 1_000;
/** What is told of the log of one that did not start. */
const logBytesMax = 2_000;

export interface PrivateContainerdOptions {
  /** For what is to survive a restart of the machine. */
  readonly directory: string;
  /** For sockets and mounts; short, for the path of a socket has 107 bytes at most. */
  readonly stateDirectory: string;
  readonly facts: ContainerHost;
  readonly host: HostDoors & {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly background: BackgroundProcesses;
    readonly machine: MachineFiles;
  };
}

/** A containerd of its own for one agent. It and what it runs outlive the agent. */
export interface PrivateContainerd extends AsyncDisposable {
  readonly client: CriClient;
  readonly folders: ContainerdFolders;
  /** Gives pods their network, from now on. */
  setNetwork(podCidrs: readonly string[]): Promise<void>;
  /** Ends containerd. What it runs goes on, and is there again for the next one. */
  stop(): Promise<void>;
  /** Ends all that it runs and itself, and takes away whatever it has made on this machine. */
  destroy(): Promise<void>;
}

/**
 * Starts a containerd on a directory, or takes over the one that runs there. While it is held, one that
 * ends is started again. Disposed of, it is left running.
 *
 * Errors: `RuntimeError`, `unsupported` when the machine lacks something.
 */
export async function openContainerd(
  options: PrivateContainerdOptions,
): Promise<PrivateContainerd> {
  const lacked = lackedCapabilities(options.facts);
  if (lacked !== undefined) throw new RuntimeError('unsupported', lacked);
  const { files } = options.host;
  for (const path of [options.directory, options.stateDirectory]) {
    await files.makeDirectory(path, { mode: 0o711 });
  }
  const lock = await files.lock(`${options.directory}/containerd.lock`);
  if (lock === undefined) {
    const why = `another node agent uses ${options.directory}`;
    throw new RuntimeError('failed', `${why}; stop it, or choose another directory`);
  }
  const daemon = new Daemon(options);
  try {
    await daemon.start();
    await ensurePauseImage({ client: daemon.client, host: options.host });
  } catch (error) {
    await daemon.leave();
    await lock[Symbol.asyncDispose]();
    throw error;
  }
  daemon.watch();
  const { client, folders } = daemon;
  const leave = async (): Promise<void> => {
    await daemon.leave();
    await lock[Symbol.asyncDispose]();
  };
  return {
    client,
    folders,
    async setNetwork(podCidrs) {
      const { addresses: addressesDirectory, networks } = folders;
      const config = networkConfig({ podCidrs, addressesDirectory });
      await files.write(`${networks}/10-fairway.conflist`, Buffer.from(config));
    },
    async stop() {
      await daemon.stop();
      await leave();
    },
    async destroy() {
      await removeSandboxes(client);
      await daemon.stop();
      await leave();
      await removeFolders(folders, options);
    },
    [Symbol.asyncDispose]: leave,
  };
}

/** The process, and what is written down of it. */
class Daemon {
  readonly folders: ContainerdFolders;
  readonly client: CriClient;
  readonly #options: PrivateContainerdOptions;
  readonly #left = new AbortController();
  #process: ProcessRecord | undefined;

  constructor(options: PrivateContainerdOptions) {
    this.#options = options;
    this.folders = foldersOf(options);
    const { clock } = options.host;
    this.client = new CriClient({ socketPath: this.folders.socket, clock });
  }

  get #configFile(): string {
    return `${this.#options.stateDirectory}/containerd.toml`;
  }

  get #recordFile(): string {
    return `${this.#options.stateDirectory}/containerd.json`;
  }

  get #logFile(): string {
    return this.folders.log;
  }

  /** Resolves when it answers, whoever has started it. */
  async start(): Promise<void> {
    const { files } = this.#options.host;
    const config = Buffer.from(this.#config());
    const former = await files.read(this.#configFile);
    this.#process = await this.#running();
    // With another configuration, or another version, it is another one.
    if (this.#process !== undefined && !config.equals(former ?? new Uint8Array()))
      await this.stop();
    for (const path of [this.folders.networks, this.folders.registries]) {
      await files.makeDirectory(path);
    }
    await files.write(this.#configFile, config);
    this.#process ??= await this.#spawn();
    await this.#untilReady();
  }

  /** Starts it again whenever it has ended. */
  watch(): void {
    const { clock, logger } = this.#options.host;
    const { signal } = this.#left;
    const look = async (): Promise<void> => {
      if (signal.aborted) return;
      try {
        if ((await this.#running()) === undefined) {
          logger.warn('containerd has ended and is started again', { log: this.#logFile });
          await this.start();
        }
      } catch (error) {
        if (!signal.aborted) logger.error('containerd does not start', { error });
      }
      if (!signal.aborted) clock.schedule(watchMs, () => void look());
    };
    clock.schedule(watchMs, () => void look());
  }

  async leave(): Promise<void> {
    this.#left.abort();
    this.client[Symbol.dispose]();
  }

  async stop(): Promise<void> {
    const running = await this.#running();
    if (running === undefined) return;
    const { background } = this.#options.host;
    background.signal(running.pid, 'SIGTERM');
    if (!(await this.#ends(running, stopTimeoutMs))) {
      background.signal(running.pid, 'SIGKILL');
      await this.#ends(running, stopTimeoutMs);
    }
    this.#process = undefined;
  }

  async #ends(running: ProcessRecord, withinMs: number): Promise<boolean> {
    const { background, clock } = this.#options.host;
    const deadline = clock.elapsed() + withinMs;
    while ((await background.identityOf(running.pid)) === running.identity) {
      if (clock.elapsed() > deadline) return false;
      await sleep(clock, lookMs);
    }
    return true;
  }

  /** The process that the record names, if it is still that one. */
  async #running(): Promise<ProcessRecord | undefined> {
    const { files, background } = this.#options.host;
    const record = parseRecord(await files.read(this.#recordFile));
    if (record === undefined) return undefined;
    const identity = await background.identityOf(record.pid);
    return identity === record.identity ? record : undefined;
  }

  async #spawn(): Promise<ProcessRecord> {
    const { files, background, environment } = this.#options.host;
    const { pid } = await background.start({
      file: 'containerd',
      arguments: ['--config', this.#configFile],
      environment: { ...environment.variables, PATH: toolPath(environment) },
      workingDirectory: '/',
      logFile: this.#logFile,
    });
    const record = { pid, identity: (await background.identityOf(pid)) ?? '' };
    await files.write(this.#recordFile, Buffer.from(JSON.stringify(record)));
    return record;
  }

  /** CRI answers some time after the socket does, and is ready after that. */
  async #untilReady(): Promise<void> {
    const { clock } = this.#options.host;
    const deadline = clock.elapsed() + startTimeoutMs;
    for (;;) {
      const hindrance = await this.#hindrance();
      if (hindrance === undefined) return;
      const isOver = (await this.#running()) === undefined;
      if (isOver || clock.elapsed() > deadline) {
        throw new RuntimeError('unavailable', await this.#obituary(hindrance));
      }
      await sleep(clock, lookMs, this.#left.signal);
    }
  }

  async #hindrance(): Promise<string | undefined> {
    try {
      const { status } = await this.client.call('Status', {});
      const ready = status?.conditions?.find(({ type }) => type === 'RuntimeReady');
      return ready?.status === true ? undefined : (ready?.message ?? 'it is not ready');
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #obituary(hindrance: string): Promise<string> {
    const end = await this.#options.host.files.readEnd(this.#logFile, {
      skippedBytes: 0,
      bytesMax: logBytesMax,
    });
    const text = Buffer.from(end ?? []).toString();
    return `containerd did not start: ${hindrance}; the end of ${this.#logFile}:\n${text}`;
  }

  #config(): string {
    const { facts } = this.#options;
    return containerdConfig({
      version: facts.containerdVersion ?? '',
      folders: this.folders,
      pluginsDirectory: facts.pluginsDirectory ?? '',
      pauseImage,
      isOomScoreRestricted: !facts.hasSysResource,
      hasAppArmor: facts.hasAppArmor,
      hasHugetlb: facts.hasHugetlb,
    });
  }
}

interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
}

/** Undefined for a record that is not whole. */
function parseRecord(bytes: Uint8Array | undefined): ProcessRecord | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { pid, identity } = JSON.parse(Buffer.from(bytes).toString()) as ProcessRecord;
    return Number.isInteger(pid) && typeof identity === 'string' ? { pid, identity } : undefined;
  } catch {
    return undefined;
  }
}

function foldersOf(options: PrivateContainerdOptions): ContainerdFolders {
  const { directory, stateDirectory } = options;
  return {
    root: `${directory}/containerd`,
    state: `${stateDirectory}/containerd`,
    runc: `${stateDirectory}/runc`,
    socket: `${stateDirectory}/containerd.sock`,
    networks: `${stateDirectory}/networks`,
    addresses: `${stateDirectory}/addresses`,
    registries: `${directory}/registries`,
    log: `${directory}/containerd.log`,
  };
}
