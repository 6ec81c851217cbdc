import { rename, rm, stat } from 'node:fs/promises';
import { type Clock, type Logger, sleep } from '@fairway/host';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import { rotatedFiles, rotatedName } from './rotated-files.ts';

/** When a log begins a new file, and how many files it has. Source: KubeletConfiguration. */
export interface LogRotation {
  /** `containerLogMaxSize` */
  readonly fileBytesMax: number;
  /** `containerLogMaxFiles`, the one that is written among them. */
  readonly filesMax: number;
}

/** As a kubelet has it by default: 10Mi, 5 files, looked at every 10 seconds. */
export const logRotation: LogRotation = { fileBytesMax: 10 * 1024 * 1024, filesMax: 5 };
const lookEveryMs = 10_000;
/** How soon one looks again where a log grows fast: names of files tell seconds apart. */
const lookAgainMsMin = 1_000;

export interface RotatedLogs {
  readonly runtime: Pick<PodRuntime, 'listPods' | 'containerRecord' | 'reopenLog'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Keeps the logs of all containers that run from filling the disk, until the signal aborts. What is wrong with
 * one of them is in the log of the agent, and it is tried again.
 */
export async function rotateLogs(
  logs: RotatedLogs,
  rotation: LogRotation,
  signal: AbortSignal,
): Promise<void> {
  const rotator = new LogRotator(logs, rotation);
  while (!signal.aborted) {
    const againMs = await rotator.look();
    await sleep(logs.clock, againMs, signal).catch(() => {});
  }
}

/** Looks at all logs when it is told to. */
export class LogRotator {
  readonly #logs: RotatedLogs;
  readonly #rotation: LogRotation;
  #lookedMs = 0;
  /** By container; a runtime is asked once. */
  #paths: ReadonlyMap<string, string> = new Map();

  constructor(logs: RotatedLogs, rotation: LogRotation) {
    this.#logs = logs;
    this.#rotation = rotation;
  }

  /** Answers when to look again, in milliseconds: before a log of those that grow fast is far beyond its size. */
  async look(): Promise<number> {
    const sinceMs = Math.max(1, this.#logs.clock.elapsed() - this.#lookedMs);
    this.#lookedMs = this.#logs.clock.elapsed();
    let againMs = lookEveryMs;
    try {
      this.#paths = await this.#runningLogs();
    } catch (error) {
      this.#logs.logger.warn('the logs of containers are not looked at', { error });
    }
    for (const [containerId, path] of this.#paths) {
      try {
        const { size } = await stat(path);
        if (size < this.#rotation.fileBytesMax) continue;
        await this.#rotate(containerId, path);
        againMs = Math.min(againMs, (this.#rotation.fileBytesMax / size) * sinceMs);
      } catch (error) {
        this.#logs.logger.warn('the log of a container is not rotated', { path, error });
      }
    }
    return Math.max(againMs, lookAgainMsMin);
  }

  async #runningLogs(): Promise<ReadonlyMap<string, string>> {
    const { runtime } = this.#logs;
    const containers = (await runtime.listPods()).flatMap(({ containers }) => containers);
    const paths = new Map<string, string>();
    for (const { id, state, logPath } of containers) {
      if (state !== 'running') continue;
      const path = logPath ?? this.#paths.get(id) ?? (await runtime.containerRecord(id))?.logPath;
      if (path !== undefined) paths.set(id, path);
    }
    return paths;
  }

  async #rotate(containerId: string, path: string): Promise<void> {
    const { runtime, clock } = this.#logs;
    const earlier = await rotatedFiles(path);
    const goneMax = Math.max(0, earlier.length + 2 - this.#rotation.filesMax);
    for (const file of earlier.slice(0, goneMax)) await rm(file, { force: true });
    const rotated = rotatedName(path, clock.now());
    // Twice within a second would lose the first one.
    if (earlier.includes(rotated)) return;
    await rename(path, rotated);
    try {
      await runtime.reopenLog(containerId);
    } catch (error) {
      // Still written to, so it has to be where it is looked for.
      await rename(rotated, path);
      throw error;
    }
  }
}
