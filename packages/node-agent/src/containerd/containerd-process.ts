import { isDeepStrictEqual } from 'node:util';
import { messageOf, sleep, withToolPath } from '@fairway/host';
import { CriClient } from '../cri/cri-client.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { type ContainerdFolders, containerdConfig } from './containerd-config.ts';
import type { ContainerdDoors } from './containerd-doors.ts';
import type { ContainerHost } from './host-capabilities.ts';
import { podTraces, removeOrphans } from './orphans.ts';
import { pauseImage } from './pause-image.ts';
import { runningCommands } from './running-commands.ts';

/** So long containerd has to answer after its start; on a machine with much to do it takes seconds. */
const startTimeoutMs = 60_000;
/** So long it has to end. */
const stopTimeoutMs = 10_000;
/** How often a process is looked at that is waited for, and one that is to live. */
const lookMs = 20;
const watchMs = 1_000;
/** From here on its log begins anew, and so much of its end is kept beside it. */
const logFileBytesMax = 10 * 1024 * 1024;
const logKeptBytes = 1024 * 1024;
/** What is told of the log of one that did not start. */
const logBytesMax = 2_000;

export interface PrivateContainerdOptions {
  /** For what is to survive a restart of the machine. */
  readonly directory: string;
  /** For sockets and mounts; short, for the path of a socket has 107 bytes at most. */
  readonly stateDirectory: string;
  readonly facts: ContainerHost;
  readonly host: ContainerdDoors;
}

/** The process of a private containerd: found, started, kept alive, ended. */
export class ContainerdProcess {
  readonly folders: ContainerdFolders;
  readonly client: CriClient;
  readonly #options: PrivateContainerdOptions;
  readonly #left = new AbortController();
  #process: ProcessRecord | undefined;
  #watching: Promise<void> = Promise.resolve();

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
    this.#process = (await this.#running()) ?? (await this.#unrecorded());
    // With another configuration, or another version, it is another one.
    if (this.#process !== undefined && !config.equals(former ?? new Uint8Array()))
      await this.stop();
    for (const path of [this.folders.networks, this.folders.registries]) {
      await files.makeDirectory(path);
    }
    await files.write(this.#configFile, config);
    if (this.#process !== undefined && (await this.#isTakenOver())) return;
    const doors = this.#options.host;
    // What is there now is all that one before can have left; what comes later is somebody's.
    const traces = await podTraces(this.folders, doors);
    this.#process = await this.#spawn();
    await this.#untilReady();
    await removeOrphans(traces, this.client, { folders: this.folders, doors });
  }

  /** Starts it again whenever it has ended. */
  watch(): void {
    this.#watching = this.#watch(this.#left.signal);
  }

  /** Lets go of it. It is not started again from now on. */
  async leave(): Promise<void> {
    this.#left.abort(new Error('nobody holds this containerd any more'));
    this.client[Symbol.dispose]();
    await this.#watching;
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

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options.host;
    while (!signal.aborted) {
      try {
        await sleep(clock, watchMs, signal);
        await this.#boundLog();
        if ((await this.#running()) !== undefined) continue;
        logger.warn('containerd has ended and is started again', { log: this.#logFile });
        await this.start();
      } catch (error) {
        if (!signal.aborted) logger.error('containerd does not start', { error });
      }
    }
  }

  /** It writes at the end of its file, wherever that is: one in its place it would not know of. */
  async #boundLog(): Promise<void> {
    const { files, machine } = this.#options.host;
    const facts = await files.stat(this.#logFile);
    if (facts === undefined || facts.sizeBytes < logFileBytesMax) return;
    const end = await files.readEnd(this.#logFile, { skippedBytes: 0, bytesMax: logKeptBytes });
    await files.write(`${this.#logFile}.old`, end ?? new Uint8Array());
    await machine.overwrite(this.#logFile, new Uint8Array(), facts.mode);
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

  /** One whose start was the last thing that an agent did. */
  async #unrecorded(): Promise<ProcessRecord | undefined> {
    const command = ['containerd', '--config', this.#configFile];
    const found = (await runningCommands(this.#options.host)).find(({ words }) =>
      isDeepStrictEqual(words, command),
    );
    return found && (await this.#record(found.pid));
  }

  async #spawn(): Promise<ProcessRecord> {
    const { background, environment } = this.#options.host;
    const { pid } = await background.start({
      file: 'containerd',
      arguments: ['--config', this.#configFile],
      environment: withToolPath(environment.variables),
      workingDirectory: '/',
      logFile: this.#logFile,
    });
    return await this.#record(pid);
  }

  async #record(pid: number): Promise<ProcessRecord> {
    const { files, background } = this.#options.host;
    const record = { pid, identity: (await background.identityOf(pid)) ?? '' };
    await files.write(this.#recordFile, Buffer.from(JSON.stringify(record)));
    return record;
  }

  /** Whether the one that runs answers; not where it was on its way to its end when it was looked at. */
  async #isTakenOver(): Promise<boolean> {
    try {
      await this.#untilReady();
      return true;
    } catch (error) {
      if ((await this.#running()) !== undefined) throw error;
      return false;
    }
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
      return messageOf(error);
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
