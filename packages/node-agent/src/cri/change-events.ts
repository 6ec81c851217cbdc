import { type Clock, sleep } from '@fairway/host';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { asRuntimeError } from './as-runtime-error.ts';
import { containerdEvents } from './containerd-events.ts';
import type { CriClient } from './cri-client.ts';
import type { PodLooks } from './pod-looks.ts';

/** Before a runtime is asked again that has stopped telling. */
const pauseMs = 1_000;

/** How often containerd's CRI is asked whether it knows what containerd has told already. */
const lookMs = 10;
const lookTimesMax = 100;

export interface ChangeEventsOptions {
  readonly client: CriClient;
  readonly looks: PodLooks;
  readonly clock: Clock;
}

type Tell = (podUid: string | undefined) => void;

/** Tells that something has changed, for as long as somebody listens. */
export class ChangeEvents {
  readonly #options: ChangeEventsOptions;
  readonly #listeners = new Set<Tell>();
  #following: AbortController | undefined;

  constructor(options: ChangeEventsOptions) {
    this.#options = options;
  }

  listen(listener: (podUid?: string) => void): Disposable {
    // Each is one of its own, also when the same function listens twice.
    const own: Tell = (podUid) => listener(podUid);
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
    const sources = [criEvents, endedTasks];
    const tell: Tell = (podUid) => {
      for (const listener of this.#listeners) listener(podUid);
    };
    // Without any source, whoever listens looks from time to time anyway.
    for (let [source] = sources; source !== undefined && !signal.aborted; [source] = sources) {
      try {
        await source(this.#options, tell, signal);
      } catch (error) {
        if (isUnsupported(error)) {
          sources.shift();
          continue;
        }
      }
      // Nobody has told what happened meanwhile.
      if (!signal.aborted) tell(undefined);
      await sleep(this.#options.clock, pauseMs, signal).catch(() => {});
    }
  }
}

async function criEvents(
  { client }: ChangeEventsOptions,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of client.events(signal)) tell(event.podSandboxStatus?.metadata?.uid);
}

async function endedTasks(
  options: ChangeEventsOptions,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const { client, looks } = options;
  for await (const { containerId } of containerdEvents(client.connection, 'delete', signal)) {
    // Others may end while CRI takes its time with this one.
    void untilKnown(containerId, options, signal)
      .catch(() => {}) // It is a hint; whoever looks next is told what is wrong.
      .then(() => tell(looks.podUidOf(containerId)));
  }
}

/** Waits until CRI, too, has the end of a container. Of a sandbox it tells another way. */
async function untilKnown(
  containerId: string,
  { looks, clock }: ChangeEventsOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let times = 0; times < lookTimesMax; times += 1) {
    const record = await looks.findContainer(containerId);
    if (record?.state !== 'running') return;
    await sleep(clock, lookMs, signal);
  }
}

function isUnsupported(error: unknown): boolean {
  const failure = asRuntimeError(error);
  return failure instanceof RuntimeError && failure.problem === 'unsupported';
}
