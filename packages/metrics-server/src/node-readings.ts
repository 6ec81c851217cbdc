import { type Clock, Semaphore, sleep } from '@fairway/host';
import type { Reading } from './reading.ts';
import type { ReadingPair } from './usage-rate.ts';

/** Asks the kubelet of a node. Throws when it does not answer. */
export type ReadNode = (node: string) => Promise<Reading>;

/** As metrics-server has it: what was asked so recently is not asked again, be it in vain. */
const heldMs = 15_000;
/** Readings further apart than this make no rate of now. */
const spanMsMax = 90_000;
/** After the first reading of a node the second follows. */
const secondAfterMs = 1_000;
/** What nobody has asked for so long is forgotten. */
const idleMs = 5 * 60_000;
/** Kubelets that are asked at the same time. */
const readsMax = 20;

interface Known {
  pair?: ReadingPair;
  /** When it was read, or could not be. */
  lookedMs: number;
  reading?: Promise<ReadingPair | undefined>;
}

/** The latest readings of nodes, taken when somebody asks for them. */
export class NodeReadings {
  readonly #clock: Clock;
  readonly #read: ReadNode;
  readonly #known = new Map<string, Known>();
  readonly #reads = new Semaphore(readsMax);

  constructor(clock: Clock, read: ReadNode) {
    this.#clock = clock;
    this.#read = read;
  }

  /** Undefined for a node whose kubelet does not answer. */
  async of(node: string): Promise<ReadingPair | undefined> {
    const nowMs = this.#clock.elapsed();
    this.#forget(nowMs);
    const known = this.#known.get(node);
    if (known?.reading !== undefined) return known.reading;
    if (known !== undefined && nowMs - known.lookedMs < heldMs) return known.pair;
    const next: Known = known ?? { lookedMs: Number.NEGATIVE_INFINITY };
    this.#known.set(node, next);
    next.reading = this.#take(node, next).finally(() => delete next.reading);
    return next.reading;
  }

  async #take(node: string, known: Known): Promise<ReadingPair | undefined> {
    const isRecent = this.#clock.elapsed() - known.lookedMs <= spanMsMax;
    const previous = isRecent ? known.pair?.last : undefined;
    const read = (): Promise<Reading> => this.#reads.run(() => this.#read(node));
    try {
      const first = await read();
      if (previous !== undefined) known.pair = { last: first, previous };
      else {
        await sleep(this.#clock, secondAfterMs);
        known.pair = { last: await read(), previous: first };
      }
    } catch {
      // That a node does not answer is seen by its not being told of, as with metrics-server.
      delete known.pair;
    }
    known.lookedMs = this.#clock.elapsed();
    return known.pair;
  }

  #forget(nowMs: number): void {
    for (const [node, { lookedMs, reading }] of this.#known) {
      if (reading === undefined && nowMs - lookedMs > idleMs) this.#known.delete(node);
    }
  }
}
