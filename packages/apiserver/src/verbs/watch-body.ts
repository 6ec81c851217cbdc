import type { Clock, Timer } from '@fairway/host';
import type { EndingBody } from '@fairway/protocol';
import type { WatchBatch } from '@fairway/store';
import type { BeginningBody } from '../fairness/queue-fairly.ts';

/** What a watch consists of, piece by piece. */
export interface WatchScript {
  /** Sends what is there already, and answers what comes after it. */
  readonly begin: () => AsyncGenerator<Uint8Array, Changes>;
  /** A batch as this watch sees it; undefined when nothing in it is for this watch. */
  readonly framesOf: (batch: WatchBatch) => Frames | Promise<Frames>;
  /** Tells how far the watch has come; absent when its caller does not ask for that. */
  readonly bookmarks: Bookmarks | undefined;
  /** The last frames of a watch that has come so far and ended, with an error or without. */
  readonly last: (reached: number, error: unknown) => Promise<Frames>;
  /** Lets go of what the watch held; called once. */
  readonly release: () => void;
}

export interface Changes {
  readonly after: number;
  readonly batches: AsyncIterator<WatchBatch>;
}

export interface Bookmarks {
  readonly at: (revision: number) => Uint8Array;
  readonly clock: Clock;
  /** The time from one to the next, also when nothing else comes. */
  readonly intervalMs: number;
}

type Frames = Uint8Array | undefined;

type Reader = (result: IteratorResult<Uint8Array, undefined>) => void;

interface Unread {
  readonly frames: Uint8Array;
  readonly revision: number;
}

/**
 * The frames of one watch, in the order of its script.
 *
 * Not a generator, because a thousand watches of a resource pay for whatever stands between the
 * store and their sockets: each generator costs an event some promises and turns of the queue.
 */
export class WatchBody implements EndingBody, BeginningBody, AsyncIterator<Uint8Array, undefined> {
  readonly #script: WatchScript;
  readonly #beginning: AsyncGenerator<Uint8Array, Changes>;
  #reader: Reader | undefined;
  #batches: AsyncIterator<WatchBatch> | undefined;
  #reached = 0;
  /** True while the beginning or the store owes the next value. */
  #isAsking = false;
  /** A bookmark went out while these were on their way. */
  #unread: Unread | undefined;
  #ticker: Timer | undefined;
  #isBookmarkDue = false;
  #isLast = false;
  #isEnded = false;
  #runs: (() => void)[] = [];
  #begunRuns: (() => void)[] = [];

  constructor(script: WatchScript) {
    this.#script = script;
    this.#beginning = script.begin();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  whenEnded(run: () => void): void {
    if (this.#isEnded) run();
    else this.#runs.push(run);
  }

  whenBegun(run: () => void): void {
    if (this.#isEnded || this.#batches !== undefined) run();
    else this.#begunRuns.push(run);
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.#reader !== undefined)
        return reject(new Error('a watch is read one step at a time'));
      this.#reader = resolve;
      this.#serve();
    });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#end();
    return ended;
  }

  /** Gives the reader what there is, or asks for it. */
  #serve(): void {
    const { bookmarks } = this.#script;
    if (this.#isEnded) this.#answer(ended);
    else if (this.#unread !== undefined) {
      const { frames, revision } = this.#unread;
      this.#unread = undefined;
      this.#tell(frames, revision);
    } else if (this.#isBookmarkDue && bookmarks !== undefined) {
      this.#isBookmarkDue = false;
      this.#tell(bookmarks.at(this.#reached), this.#reached);
    } else if (!this.#isAsking) this.#ask();
  }

  #ask(): void {
    this.#isAsking = true;
    if (this.#batches !== undefined) this.#batches.next().then(this.#onBatch, this.#onFailure);
    else this.#beginning.next().then(this.#onBeginning, this.#onFailure);
  }

  readonly #onBeginning = (result: IteratorResult<Uint8Array, Changes>): void => {
    if (result.done !== true) return this.#settle(result.value, this.#reached);
    const { after, batches } = result.value;
    this.#batches = batches;
    this.#tellBegun();
    if (this.#isEnded) return void batches.return?.();
    this.#startTicking();
    this.#settle(undefined, after);
  };

  readonly #onBatch = (result: IteratorResult<WatchBatch, unknown>): void => {
    if (result.done === true) return this.#finish(undefined);
    const { revision } = result.value;
    try {
      const frames = this.#script.framesOf(result.value);
      if (!(frames instanceof Promise)) this.#settle(frames, revision);
      else frames.then((written) => this.#settle(written, revision), this.#onFailure);
    } catch (error) {
      this.#finish(error);
    }
  };

  readonly #onFailure = (error: unknown): void => this.#finish(error);

  #settle(frames: Frames, revision: number): void {
    this.#isAsking = false;
    if (this.#isEnded) return;
    if (frames === undefined) {
      this.#reached = Math.max(this.#reached, revision);
      if (this.#reader !== undefined) this.#serve();
    } else if (this.#reader !== undefined) this.#tell(frames, revision);
    else this.#unread = { frames, revision };
  }

  #tell(frames: Uint8Array, revision: number): void {
    this.#reached = Math.max(this.#reached, revision);
    if (this.#isLast) this.#end({ done: false, value: frames });
    else this.#answer({ done: false, value: frames });
  }

  #finish(cause: unknown): void {
    const close = (frames: Frames): void => {
      this.#isLast = true;
      if (frames === undefined) this.#end();
      else this.#settle(frames, this.#reached);
    };
    this.#script.last(this.#reached, cause).then(close, () => close(undefined));
  }

  #end(lastResult: IteratorResult<Uint8Array, undefined> = ended): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#unread = undefined;
    this.#ticker?.cancel();
    void this.#batches?.return?.();
    this.#script.release();
    for (const run of this.#runs) run();
    this.#runs = [];
    this.#tellBegun();
    this.#answer(lastResult);
  }

  #tellBegun(): void {
    for (const run of this.#begunRuns) run();
    this.#begunRuns = [];
  }

  #answer(result: IteratorResult<Uint8Array, undefined>): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(result);
  }

  #startTicking(): void {
    const { bookmarks } = this.#script;
    if (bookmarks === undefined) return;
    this.#ticker = bookmarks.clock.schedule(bookmarks.intervalMs, () => {
      this.#startTicking();
      // Who reads slowly gets one, however many intervals have passed.
      this.#isBookmarkDue = true;
      if (this.#reader !== undefined) this.#serve();
    });
  }
}

const ended = { done: true, value: undefined } as const;
