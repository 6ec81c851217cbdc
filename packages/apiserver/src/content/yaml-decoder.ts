import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '@fairway/host';
import { apiError } from '@fairway/protocol';
import { bodyLimits, objectBytesMax } from '../storage/object-limits.ts';
import { type DecodedYaml, type YamlLimits, decodeYaml } from './decode-yaml.ts';

/** More than the largest object. */
export const yamlBytesMax = 1024 * 1024;

/** Longer YAML is read beside the event loop: this much takes some milliseconds. */
const inlineBytesMax = 4 * 1024;

/** How long one text may take, and how long the thread is kept when there is nothing to read. */
const [deadlineMs, idleMs] = [5_000, 30_000];

/** Texts that wait for the thread. */
const waitingMax = 16;

const threadMegabytesMax = 512;

const limits: YamlLimits = {
  bytesMax: yamlBytesMax,
  ...bodyLimits,
  jsonBytesMax: objectBytesMax,
};

const stopping: DecodedYaml = { kind: 'malformed', problem: 'the server is stopping' };

interface Job {
  readonly bytes: Uint8Array;
  readonly finish: (answer: DecodedYaml) => void;
}

/**
 * Reads YAML from callers without holding up other requests: long texts one after the other in a
 * thread of their own, which starts with the first and ends when it takes too long or is not
 * needed.
 */
export class YamlDecoder implements AsyncDisposable {
  readonly #clock: Clock;
  #thread: Worker | undefined;
  #running: Job | undefined;
  #waiting: Job[] = [];
  #isClosed = false;
  /** To the deadline of what runs, or to the end of the thread. */
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Errors: TooManyRequests `ApiError` when too many wait already. */
  async decode(bytes: Uint8Array): Promise<DecodedYaml> {
    if (bytes.length <= inlineBytesMax || bytes.length > yamlBytesMax) {
      return decodeYaml(bytes, limits);
    }
    if (this.#isClosed) return stopping;
    if (this.#waiting.length >= waitingMax) {
      throw apiError('TooManyRequests', 'too much YAML is being read; try again or send JSON');
    }
    return new Promise((finish) => {
      this.#waiting.push({ bytes, finish });
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const unread = [this.#running, ...this.#waiting];
    this.#running = undefined;
    this.#waiting = [];
    await this.#end();
    for (const job of unread) job?.finish(stopping);
  }

  #next(): void {
    if (this.#running !== undefined) return;
    this.#timer?.cancel();
    this.#running = this.#waiting.shift();
    if (this.#running === undefined) {
      this.#thread?.unref();
      this.#timer = this.#clock.schedule(idleMs, () => void this.#end());
      return;
    }
    this.#thread ??= this.#start();
    this.#thread.ref();
    this.#thread.postMessage(this.#running.bytes, []);
    const problem = `it takes longer than ${deadlineMs} ms to read; send it as JSON`;
    this.#timer = this.#clock.schedule(deadlineMs, () => this.#giveUp(problem));
  }

  #start(): Worker {
    const thread = new Worker(new URL(import.meta.resolve('@fairway/apiserver/yaml-worker')), {
      workerData: limits,
      name: 'fairway-yaml',
      // Not what this process was started with: a test runner's flags, say, are not for the worker.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: threadMegabytesMax },
    });
    thread.on('message', (answer: DecodedYaml) => {
      if (thread === this.#thread) this.#finish(answer);
    });
    thread.on('error', (error: Error) => {
      if (thread === this.#thread) this.#giveUp(`it cannot be read: ${error.message}`);
    });
    return thread;
  }

  #giveUp(problem: string): void {
    void this.#end();
    // The next text starts another thread.
    this.#finish({ kind: 'malformed', problem });
  }

  #finish(answer: DecodedYaml): void {
    const job = this.#running;
    this.#running = undefined;
    job?.finish(answer);
    this.#next();
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#timer?.cancel();
    this.#thread = undefined;
    await thread?.terminate();
  }
}
