/** Machines for tests: time that moves when told, files in memory, chance that repeats. */
import type { Clock, Timer } from './clock.ts';
import { turns } from './give-way.ts';
import {
  type FileFacts,
  type Files,
  FileTooLargeError,
  fileBytesMax,
  type NewFile,
} from './files.ts';
import type { Random } from './random.ts';
import type { RotatedFile } from './rotated-file.ts';

/** A clock that stands still until `advance` is called. */
export class ManualClock implements Clock {
  #nowMs: number;
  #elapsedMs = 0;
  readonly #timers = new Set<{ dueMs: number; run: () => void }>();

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  schedule(delayMs: number, run: () => void): Timer {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time forward, runs what falls due in order, and lets promises settle in between. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#elapsedMs + byMs;
    await settle();
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#moveTo(next.dueMs);
      this.#timers.delete(next);
      next.run();
      await settle();
    }
    this.#moveTo(endMs);
    await settle();
  }

  /** Moves the wall clock only, as an administrator or a virtual machine would. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
  }

  #nextDue(endMs: number): { dueMs: number; run: () => void } | undefined {
    let first: { dueMs: number; run: () => void } | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }

  #moveTo(elapsedMs: number): void {
    this.#nowMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
  }
}

/** After this many turns in which nothing gave way, all ready work counts as done. */
const quietTurns = 5;
/** Work that gives way for ever is not waited for. */
const settleTurnsMax = 10_000;

/** Lets everything that is ready to run, run: promises, and the callbacks they queue. */
export async function settle(): Promise<void> {
  for (let turn = 0, quiet = 0; quiet < quietTurns && turn < settleTurnsMax; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = turns.waitingCount() > 0 ? 0 : quiet + 1;
  }
}

/**
 * How often the event loop turned while `work` was done, when every look at the time finds the turn
 * used up: once at least wherever the work gives way.
 */
export async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turnCount = 0;
  let nowMs = performance.now();
  const count = (): void => {
    turnCount += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  performance.now = () => (nowMs += 1_000);
  try {
    await work();
  } finally {
    // It hides the real one, which performance inherits.
    delete (performance as { now?: unknown }).now;
    clearImmediate(next);
    // What began in this turn, by a time that never was, ends with it.
    await settle();
  }
  return turnCount;
}

/** Repeats the same chances for the same seed. Source: xorshift32, Marsaglia 2003. */
export function seededRandom(seed: number): Random {
  let state = seed | 0 || 1;
  function next(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  }
  const bytes = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => next() & 255);
  return {
    fraction: () => next() / 2 ** 32,
    bytes,
    uuid() {
      const hex = Buffer.from(bytes(16)).toString('hex').split('');
      hex[12] = '4';
      hex[16] = '8';
      const at = (from: number, to: number): string => hex.slice(from, to).join('');
      return `${at(0, 8)}-${at(8, 12)}-${at(12, 16)}-${at(16, 20)}-${at(20, 32)}`;
    },
  };
}

/** Files that exist only here. Directories exist by having something in them, or by being made. */
export class MemoryFiles implements Files {
  readonly #files = new Map<string, { bytes: Uint8Array; mode: number; modifiedMs: number }>();
  readonly #directories = new Set<string>();
  readonly #locks = new Set<string>();
  readonly #clock: Clock;

  constructor(initial: Readonly<Record<string, string>> = {}, clock: Clock = new ManualClock()) {
    this.#clock = clock;
    for (const [path, text] of Object.entries(initial)) this.put(path, text);
  }

  put(path: string, text: string, mode = 0o644): void {
    this.#files.set(path, { bytes: Buffer.from(text), mode, modifiedMs: this.#clock.now() });
  }

  text(path: string): string | undefined {
    const file = this.#files.get(path);
    return file === undefined ? undefined : Buffer.from(file.bytes).toString();
  }

  async read(
    path: string,
    { bytesMax = fileBytesMax }: { readonly bytesMax?: number } = {},
  ): Promise<Uint8Array | undefined> {
    const bytes = this.#files.get(path)?.bytes;
    if (bytes !== undefined && bytes.length > bytesMax) throw new FileTooLargeError(path, bytesMax);
    return bytes;
  }

  async openLines(path: string): Promise<RotatedFile> {
    return {
      append: (text) => this.put(path, (this.text(path) ?? '') + text, 0o600),
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async readEnd(
    path: string,
    { skippedBytes, bytesMax }: { readonly skippedBytes: number; readonly bytesMax: number },
  ): Promise<Uint8Array | undefined> {
    const bytes = this.#files.get(path)?.bytes;
    return bytes?.subarray(Math.max(skippedBytes, bytes.length - bytesMax));
  }

  async readParts(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const bytes = this.#files.get(path)?.bytes;
    return bytes === undefined ? undefined : partsOf(bytes);
  }

  async write(
    path: string,
    bytes: Uint8Array,
    { mode = 0o644 }: { mode?: number } = {},
  ): Promise<void> {
    this.#files.set(path, { bytes, mode, modifiedMs: this.#clock.now() });
  }

  async createExclusively(
    path: string,
    bytes: Uint8Array,
    options?: { mode?: number },
  ): Promise<boolean> {
    if (this.#files.has(path)) return false;
    await this.write(path, bytes, options);
    return true;
  }

  async lock(path: string): Promise<AsyncDisposable | undefined> {
    if (this.#locks.has(path)) return undefined;
    this.#locks.add(path);
    return { [Symbol.asyncDispose]: async () => void this.#locks.delete(path) };
  }

  async writeTogether(directory: string, files: ReadonlyMap<string, NewFile>): Promise<void> {
    for (const path of this.#files.keys()) {
      if (path.startsWith(`${directory}/`)) this.#files.delete(path);
    }
    this.#directories.add(directory);
    for (const [name, { bytes, mode }] of files) {
      await this.write(`${directory}/${name}`, bytes, { mode });
    }
  }

  async remove(path: string): Promise<void> {
    this.#files.delete(path);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#directories.add(path);
  }

  async stat(path: string): Promise<FileFacts | undefined> {
    const file = this.#files.get(path);
    if (file !== undefined) {
      const { bytes, mode, modifiedMs } = file;
      return { isDirectory: false, sizeBytes: bytes.length, modifiedMs, mode };
    }
    if (!this.#isDirectory(path)) return undefined;
    return { isDirectory: true, sizeBytes: 0, modifiedMs: 0, mode: 0o755 };
  }

  #isDirectory(path: string): boolean {
    const prefix = `${path}/`;
    return (
      this.#directories.has(path) || [...this.#files.keys()].some((each) => each.startsWith(prefix))
    );
  }
}

async function* partsOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
