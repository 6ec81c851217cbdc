import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Clock, OwnedTimers } from '@fairway/host';

/** Where nothing tells of changes, and to find out whether the container has ended. As a kubelet does. */
const lookEveryMs = 1_000;
/** How long nothing has to come in a file that has a successor before it counts as left by its writer. */
const settledMs = 200;

/** Tells when to look at a log again: at once when it was written to, and now and then. */
export class LogChanges implements Disposable {
  readonly #timers: OwnedTimers;
  readonly #clock: Clock;
  readonly #watcher: FSWatcher | undefined;
  readonly #subscription: Disposable;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#wake();
  #hasChanged = false;
  #isDue = true;
  #mayHaveMoved = true;
  #waiting: PromiseWithResolvers<void> | undefined;
  #replaced: { readonly inode: number; readonly sinceMs: number } | undefined;

  constructor(
    log: { readonly path: string; onChange(listener: () => void): Disposable },
    { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  ) {
    this.#clock = clock;
    this.#timers = new OwnedTimers(clock);
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
    this.#watcher = watchFolder(log.path, (isLine) => (isLine ? this.#wake() : this.#move()));
    this.#subscription = log.onChange(() => this.#look());
    this.#lookLater();
  }

  /** Whether it is time to find out if the container still runs: true once for each such time. */
  takeDue(): boolean {
    const isDue = this.#isDue;
    this.#isDue = false;
    return isDue;
  }

  /** Whether there may be another file now: true once for each change that was no line. */
  takeMoved(): boolean {
    const mayHaveMoved = this.#mayHaveMoved;
    this.#mayHaveMoved = false;
    return mayHaveMoved;
  }

  /** Resolves when something has changed since it was asked last, and when the signal aborts. */
  async next(): Promise<void> {
    if (!this.#hasChanged && !this.#signal.aborted) {
      this.#waiting = Promise.withResolvers();
      await this.#waiting.promise;
    }
    this.#hasChanged = false;
  }

  /** Whether a file was seen at its end, with a successor, for long enough that nothing more comes. */
  isSettled(inode: number): boolean {
    const nowMs = this.#clock.elapsed();
    if (this.#replaced?.inode === inode) return nowMs - this.#replaced.sinceMs >= settledMs;
    this.#replaced = { inode, sinceMs: nowMs };
    this.#timers.schedule(settledMs, () => this.#move());
    return false;
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#timers[Symbol.dispose]();
    this.#subscription[Symbol.dispose]();
    this.#watcher?.close();
  }

  #look(): void {
    this.#isDue = true;
    this.#move();
  }

  #move(): void {
    this.#mayHaveMoved = true;
    this.#wake();
  }

  #lookLater(): void {
    this.#timers.schedule(lookEveryMs, () => {
      this.#look();
      this.#lookLater();
    });
  }

  #wake(): void {
    this.#hasChanged = true;
    this.#waiting?.resolve();
  }
}

/** Undefined where the system watches no more files: then it is looked at now and then. */
function watchFolder(path: string, onChange: (isLine: boolean) => void): FSWatcher | undefined {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), { persistent: false }, (type, changed) => {
      const isLine = type === 'change';
      if (changed === null || changed.startsWith(name)) onChange(isLine);
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
