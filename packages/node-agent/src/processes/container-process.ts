import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { ContainerLog, type OutputName } from './container-log.ts';
import { mountsOf, processIds } from './process-mounts.ts';
import { type ContainerLaunch, type ContainerState, shimFiles } from './shim-protocol.ts';
import { killed, toolEnvironment } from './tool-environment.ts';

/** Exit codes of what has not begun. Source: containerd, `StartError`. */
const startErrorCode = 128;

/** Who keeps a container. */
export interface ContainerWatcher {
  tell(state: ContainerState): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A container that runs below its shim: its processes, its log, and who is attached to it. */
export class ContainerProcess {
  readonly #launch: ContainerLaunch;
  readonly #log: ContainerLog;
  readonly #child: ChildProcess;
  readonly #watcher: ContainerWatcher;
  readonly #attached = new Map<Socket, OutputName>();
  readonly #failure: string[] = [];
  /** Resolves with what is to be told of its start: undefined when it has begun. */
  readonly begun: Promise<string | undefined>;
  readonly ended: Promise<void>;
  #state: ContainerState;
  #mountNamespace: string | undefined;

  private constructor(of: {
    readonly launch: ContainerLaunch;
    readonly log: ContainerLog;
    readonly watcher: ContainerWatcher;
  }) {
    this.#launch = of.launch;
    this.#log = of.log;
    this.#watcher = of.watcher;
    this.#state = { id: of.launch.id, state: 'created' };
    const [file = '', ...args] = withTerminal(of.launch);
    this.#child = spawn(file, args, {
      // In a session of its own no signal to the shim's group reaches it.
      detached: true,
      env: toolEnvironment(of.launch.tty),
      stdio: [of.launch.stdin === 'none' ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    const variables = this.#child.stdio[4] as Writable;
    variables.on('error', () => {}); // It has ended, as is found out anyway.
    variables.end(of.launch.environment);
    this.#child.stdin?.on('error', () => {});
    this.begun = this.#begin();
    this.ended = this.#end();
  }

  static async start(
    launch: ContainerLaunch,
    watcher: ContainerWatcher,
  ): Promise<ContainerProcess> {
    const log = await ContainerLog.open(launch.logPath, watcher.now);
    return new ContainerProcess({ launch, log, watcher });
  }

  get state(): ContainerState {
    return this.#state;
  }

  reopenLog(): Promise<void> {
    return this.#log.reopen();
  }

  attach(socket: Socket, stream: 'stdin' | OutputName): void {
    if (this.#state.state !== 'running') {
      socket.end();
      return;
    }
    if (stream !== 'stdin') {
      this.#attached.set(socket, stream);
      socket.once('close', () => this.#attached.delete(socket));
      socket.resume();
      return;
    }
    const { stdin } = this.#child;
    if (stdin === null) socket.resume();
    else socket.pipe(stdin, { end: this.#launch.stdin === 'once' });
  }

  kill(): void {
    if (this.#state.pid === undefined) this.#child.kill('SIGKILL');
    else killed(this.#state.pid);
  }

  async #begin(): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const lines = createInterface(this.#child.stdio[3] as Readable);
    lines.on('line', (line) => {
      const [word, value = ''] = line.split(' ');
      if (word === 'pid') this.#state = { ...this.#state, pid: Number(value) };
      else if (word === 'tty') this.#state = { ...this.#state, terminal: value };
      else if (word === 'started') resolve(undefined);
      else this.#failure.push(line);
    });
    this.#child.once('error', (error) => this.#failure.push(error.message));
    this.#child.once('close', () => resolve(this.#failure.join('; ') || 'it ended at once'));
    const failure = await promise;
    if (failure === undefined) await this.#run();
    return failure;
  }

  async #run(): Promise<void> {
    const { pid = 0 } = this.#state;
    this.#mountNamespace = await mountsOf(pid);
    await this.#become({ ...this.#state, state: 'running', startedMs: this.#watcher.now() });
  }

  async #end(): Promise<void> {
    const { stdout, stderr } = this.#child;
    const outputs = [this.#copy('stdout', stdout), this.#copy('stderr', stderr)];
    const [code, signal] = await exitOf(this.#child);
    if (this.#launch.sharesProcesses) await this.#killLeftovers();
    const failure = await this.begun;
    await Promise.all(outputs);
    await this.#log.close();
    const exitCode = failure === undefined ? exitCodeOf(code, signal) : startErrorCode;
    await this.#become({
      ...this.#state,
      state: 'exited',
      startedMs: this.#state.startedMs ?? this.#watcher.now(),
      finishedMs: this.#watcher.now(),
      exitCode,
      reason: failure === undefined ? (exitCode === 0 ? 'Completed' : 'Error') : 'StartError',
      ...(failure === undefined ? {} : { message: failure }),
    });
    for (const socket of this.#attached.keys()) socket.end();
  }

  async #copy(name: OutputName, from: Readable | null): Promise<void> {
    for await (const bytes of from ?? []) {
      await this.#log.write(name, bytes as Buffer);
      for (const [socket, wanted] of this.#attached) {
        if (wanted !== name || socket.write(bytes as Buffer)) continue;
        // Whoever reads slowly slows the container down, as in a terminal.
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
      }
    }
  }

  /** A container is all that has its view of the file system. */
  async #killLeftovers(): Promise<void> {
    if (this.#mountNamespace === undefined) return;
    for (const pid of await processIds()) {
      if ((await mountsOf(pid)) === this.#mountNamespace) killed(pid);
    }
  }

  async #become(state: ContainerState): Promise<void> {
    const path = shimFiles.stateOf(state.id);
    await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${path}.new`, path);
    this.#state = state;
    this.#watcher.tell(state);
  }
}

/** The command in a terminal of its own, where it is to have one. */
export function withTerminal({
  command,
  tty,
}: Pick<ContainerLaunch, 'command' | 'tty'>): readonly string[] {
  if (!tty) return command;
  const quoted = command.map((each) => `'${each.replaceAll("'", `'\\''`)}'`).join(' ');
  const line = `echo "tty $(readlink /proc/self/fd/0)" >&3; exec ${quoted}`;
  return ['script', '--quiet', '--flush', '--return', '--command', line, '/dev/null'];
}

async function exitOf(
  child: ChildProcess,
): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]));
    child.once('error', () => resolve([startErrorCode, null]));
  });
}

/** As a shell tells it. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
