import type { Clock } from '@fairway/host';
import type {
  ContainerConfig,
  ContainerRecord,
  ContainerResources,
} from '../src/runtime/container.ts';
import type { PodRuntime, RuntimePod } from '../src/runtime/pod-runtime.ts';
import { RuntimeError } from '../src/runtime/runtime-error.ts';
import type { ExecOutcome } from '../src/runtime/runtime-streams.ts';
import type { SandboxConfig, SandboxRecord } from '../src/runtime/sandbox.ts';

/** What the program of a container does when it is started. */
export interface Script {
  /** It ends by itself with this code, after the time. */
  readonly exitCode?: number;
  readonly exitAfterMs?: number;
  /** It does not listen when it is asked to end. */
  readonly isDeaf?: boolean;
  /** It cannot be made, or started. */
  readonly createProblem?: string;
  readonly startProblem?: string;
  /** What commands in it answer. */
  readonly exec?: (command: readonly string[]) => Promise<ExecOutcome> | ExecOutcome;
}

interface Held {
  readonly config: SandboxConfig;
  sandboxes: SandboxRecord[];
  containers: ContainerRecord[];
}

/** Containers that exist in memory only and do as they are told, at the time of a clock. */
export class ScriptedRuntime implements PodRuntime {
  readonly version = 'containerd://1.6.20';
  /** By name of the container; each run takes the next one, the last one stays. */
  readonly scripts = new Map<string, Script[]>();
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  isAway = false;
  sandboxProblem: string | undefined;
  removalProblem: string | undefined;
  /** Lists are answered when it resolves, with what was there when they were asked for. */
  listing: Promise<void> | undefined;
  readonly #clock: Clock;
  readonly #pods = new Map<string, Held>();
  readonly #running = new Map<string, Script>();
  readonly #listeners = new Set<(podUid?: string) => void>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  script(name: string, ...scripts: Script[]): void {
    this.scripts.set(name, scripts);
  }

  /** The runs of a container by name, the newest first. */
  runs(name: string): readonly ContainerRecord[] {
    return [...this.#pods.values()].flatMap(({ containers }) =>
      containers.filter((each) => each.name === name),
    );
  }

  get isEmpty(): boolean {
    return this.#pods.size === 0;
  }

  /** A program ends by itself. */
  exit(name: string, exitCode: number, how: Partial<ContainerRecord> = {}): void {
    const run = this.runs(name).find(({ state }) => state === 'running');
    if (run === undefined) throw new Error(`${name} does not run`);
    this.#end(run.id, { exitCode, ...how });
  }

  /** Makes the next run of a container without starting it, as somebody who is killed meanwhile. */
  async createNext(name: string): Promise<void> {
    const [last] = this.runs(name);
    if (last === undefined) throw new Error(`${name} has not run`);
    const held = this.#holding(last.sandboxId);
    const id = `c${++this.#count}`;
    const next = { ...last, id, attempt: last.attempt + 1, state: 'created' as const };
    held.containers = [next, ...held.containers];
  }

  /** The sandbox of a pod dies with all that is in it. */
  killSandbox(uid: string): void {
    const [sandbox] = this.#pods.get(uid)?.sandboxes ?? [];
    if (sandbox !== undefined) this.#unready(sandbox.id);
    this.#tell(uid);
  }

  async problem(): Promise<string | undefined> {
    return undefined;
  }

  async listPods(): Promise<readonly RuntimePod[]> {
    this.#check();
    const pods = [...this.#pods.values()].map(({ config, sandboxes, containers }) => ({
      ...config.pod,
      sandboxes: [...sandboxes],
      containers: [...containers],
    }));
    await this.listing;
    return pods;
  }

  async startSandbox(config: SandboxConfig): Promise<string> {
    this.#check();
    const { uid, name } = config.pod;
    this.calls.push(`start sandbox ${name}/${config.attempt}`);
    if (this.sandboxProblem !== undefined) throw new RuntimeError('failed', this.sandboxProblem);
    const id = `s${++this.#count}`;
    const record: SandboxRecord = {
      id,
      attempt: config.attempt,
      isReady: true,
      createdMs: this.#clock.now(),
      addresses: config.namespaces.network === 'node' ? [] : [`10.0.0.${this.#count}`],
      labels: config.labels,
      annotations: config.annotations,
    };
    const held = this.#pods.get(uid) ?? { config, sandboxes: [], containers: [] };
    held.sandboxes = [record, ...held.sandboxes];
    this.#pods.set(uid, held);
    this.#tell(uid);
    return id;
  }

  async stopSandbox(sandboxId: string): Promise<void> {
    this.#check();
    this.calls.push(`stop sandbox ${sandboxId}`);
    this.#unready(sandboxId);
  }

  async removeSandbox(sandboxId: string): Promise<void> {
    this.#check();
    this.calls.push(`remove sandbox ${sandboxId}`);
    for (const [uid, held] of this.#pods) {
      held.sandboxes = held.sandboxes.filter(({ id }) => id !== sandboxId);
      held.containers = held.containers.filter((each) => each.sandboxId !== sandboxId);
      if (held.sandboxes.length === 0) this.#pods.delete(uid);
    }
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    this.#check();
    const script = this.#scriptOf(config);
    if (script.createProblem !== undefined) throw new RuntimeError('failed', script.createProblem);
    const held = this.#holding(sandboxId);
    const isTaken = held.containers.some(
      ({ name, attempt }) => name === config.name && attempt === config.attempt,
    );
    if (isTaken) throw new RuntimeError('failed', `the name of ${config.name} is reserved`);
    const id = `c${++this.#count}`;
    const record: ContainerRecord = {
      id,
      sandboxId,
      name: config.name,
      attempt: config.attempt,
      image: config.image,
      imageId: `${config.image}@sha256:1`,
      state: 'created',
      createdMs: this.#clock.now(),
      labels: config.labels,
      annotations: config.annotations,
    };
    held.containers = [record, ...held.containers];
    return id;
  }

  async startContainer(containerId: string): Promise<void> {
    this.#check();
    const record = this.#record(containerId);
    this.calls.push(`start ${record.name}/${record.attempt}`);
    const script = this.#scriptOf(record);
    if (script.startProblem !== undefined) {
      this.#end(containerId, { exitCode: 128, reason: 'StartError', message: script.startProblem });
      throw new RuntimeError('failed', script.startProblem);
    }
    this.#running.set(containerId, script);
    this.#change(containerId, { state: 'running', startedMs: this.#clock.now() });
    const { exitCode, exitAfterMs = 0 } = script;
    if (exitCode !== undefined) {
      this.#clock.schedule(exitAfterMs, () => this.#end(containerId, { exitCode }));
    }
  }

  async stopContainer(containerId: string, { graceMs }: { graceMs: number }): Promise<void> {
    this.#check();
    const { name, state } = this.#record(containerId);
    this.calls.push(`stop ${name} in ${graceMs}`);
    if (state !== 'running') return;
    if (this.#running.get(containerId)?.isDeaf !== true) {
      return this.#end(containerId, { exitCode: 0 });
    }
    await new Promise<void>((resolve) => {
      const timer = this.#clock.schedule(graceMs, () => this.#end(containerId, { exitCode: 137 }));
      const ended = this.onChange(() => {
        if (this.runs(name).some(({ id, state: now }) => id === containerId && now === 'running'))
          return;
        timer.cancel();
        ended[Symbol.dispose]();
        resolve();
      });
    });
  }

  async removeContainer(containerId: string): Promise<void> {
    this.#check();
    const { name, attempt } = this.#record(containerId);
    this.calls.push(`remove ${name}/${attempt}`);
    if (this.removalProblem !== undefined) throw new RuntimeError('failed', this.removalProblem);
    for (const held of this.#pods.values()) {
      held.containers = held.containers.filter(({ id }) => id !== containerId);
    }
  }

  async containerRecord(containerId: string): Promise<ContainerRecord | undefined> {
    return this.#record(containerId);
  }

  async resizeContainer(containerId: string, resources: ContainerResources): Promise<void> {
    this.#check();
    const { name } = this.#record(containerId);
    this.calls.push(`resize ${name} to ${resources.memoryBytesMax}`);
  }

  async execToEnd(containerId: string, command: readonly string[]): Promise<ExecOutcome> {
    this.#check();
    const { name } = this.#record(containerId);
    this.calls.push(`exec ${name} ${command.join(' ')}`);
    const script = this.#running.get(containerId);
    const nothing = { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
    return (await script?.exec?.(command)) ?? nothing;
  }

  onChange(listener: (podUid?: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async reopenLog(): Promise<void> {}

  async usage(): Promise<readonly []> {
    return [];
  }

  async filesystems(): Promise<readonly []> {
    return [];
  }

  exec(): never {
    throw new RuntimeError('unsupported', 'nobody asks for it');
  }

  attach(): never {
    throw new RuntimeError('unsupported', 'nobody asks for it');
  }

  connectPort(): never {
    throw new RuntimeError('unsupported', 'nobody asks for it');
  }

  #check(): void {
    if (this.isAway) throw new RuntimeError('unavailable', 'the runtime is away');
  }

  #scriptOf({ name, attempt }: { readonly name: string; readonly attempt: number }): Script {
    const scripts = this.scripts.get(name) ?? [];
    return scripts[Math.min(attempt, scripts.length - 1)] ?? {};
  }

  #holding(sandboxId: string): Held {
    const found = [...this.#pods.values()].find(({ sandboxes }) =>
      sandboxes.some(({ id, isReady }) => id === sandboxId && isReady),
    );
    if (found === undefined) throw new RuntimeError('not-found', `no sandbox ${sandboxId}`);
    return found;
  }

  #record(containerId: string): ContainerRecord {
    for (const { containers } of this.#pods.values()) {
      const found = containers.find(({ id }) => id === containerId);
      if (found !== undefined) return found;
    }
    throw new RuntimeError('not-found', `no container ${containerId}`);
  }

  #change(containerId: string, change: Partial<ContainerRecord>): void {
    for (const [uid, held] of this.#pods) {
      const at = held.containers.findIndex(({ id }) => id === containerId);
      const record = held.containers[at];
      if (record === undefined) continue;
      held.containers = held.containers.with(at, { ...record, ...change });
      this.#tell(uid);
    }
  }

  #end(containerId: string, how: Partial<ContainerRecord>): void {
    const isThere = [...this.#pods.values()].some(({ containers }) =>
      containers.some(({ id, state }) => id === containerId && state !== 'exited'),
    );
    if (!isThere) return;
    this.#running.delete(containerId);
    this.#change(containerId, { state: 'exited', finishedMs: this.#clock.now(), ...how });
  }

  #unready(sandboxId: string): void {
    for (const held of this.#pods.values()) {
      held.sandboxes = held.sandboxes.map((each) =>
        each.id === sandboxId ? { ...each, isReady: false, addresses: [] } : each,
      );
      const inside = held.containers.filter(
        (each) => each.sandboxId === sandboxId && each.state === 'running',
      );
      for (const { id } of inside) this.#end(id, { exitCode: 137 });
    }
  }

  #tell(uid: string): void {
    for (const listener of this.#listeners) listener(uid);
  }
}
