import { type Clock, sleep } from '@fairway/host';
import { asRuntimeError } from './as-runtime-error.ts';
import { containerdEvents } from './containerd-events.ts';
import type { CriClient } from './cri-client.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';

/** Before a runtime is asked again that has stopped telling. */
const pauseMs = 1_000;

/** CRI of containerd 1 has changed so shortly after the event. */
const settleMs = 10;

export interface ChangeEventsOptions {
  readonly client: CriClient;
  readonly clock: Clock;
  /** Whose container or sandbox this is, if anybody has seen it. */
  readonly podUidOf: (id: string) => string | undefined;
}

/** Tells that something has changed, for as long as somebody listens. */
export class ChangeEvents {
  readonly #options: ChangeEventsOptions;
  readonly #listeners = new Set<(podUid?: string) => void>();
  #following: AbortController | undefined;

  constructor(options: ChangeEventsOptions) {
    this.#options = options;
  }

  listen(listener: (podUid?: string) => void): Disposable {
    // Each is one of its own, also when the same function listens twice.
    const own = (podUid?: string): void => listener(podUid);
    this.#listeners.add(own);
    if (this.#following === undefined) {
      this.#following = new AbortController();
      void this.#follow(this.#following.signal);
    }
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(own);
        if (this.#listeners.size === 0) this.close();
      },
    };
  }

  close(): void {
    this.#following?.abort();
    this.#following = undefined;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    const sources = [criEvents, tasksOfContainerd];
    for (;;) {
      const [source] = sources;
      // Whoever listens looks from time to time anyway.
      if (source === undefined) return;
      try {
        for await (const podUid of source(client, this.#options, signal)) this.#tell(podUid);
      } catch (error) {
        if (asProblem(error) === 'unsupported') {
          sources.shift();
          continue;
        }
      }
      if (signal.aborted) return;
      // Nobody has told what happened meanwhile.
      this.#tell(undefined);
      await sleep(clock, pauseMs, signal).catch(() => {});
      if (signal.aborted) return;
    }
  }

  #tell(podUid: string | undefined): void {
    for (const listener of this.#listeners) listener(podUid);
  }
}

async function* criEvents(
  client: CriClient,
  _: ChangeEventsOptions,
  signal: AbortSignal,
): AsyncGenerator<string | undefined, undefined> {
  for await (const event of client.events(signal)) yield event.podSandboxStatus?.metadata?.uid;
}

async function* tasksOfContainerd(
  client: CriClient,
  { clock, podUidOf }: ChangeEventsOptions,
  signal: AbortSignal,
): AsyncGenerator<string | undefined, undefined> {
  for await (const containerId of containerdEvents(client.connection, signal)) {
    await sleep(clock, settleMs, signal);
    yield podUidOf(containerId);
  }
}

function asProblem(error: unknown): string | undefined {
  const failure = asRuntimeError(error);
  return failure instanceof RuntimeError ? failure.problem : undefined;
}
