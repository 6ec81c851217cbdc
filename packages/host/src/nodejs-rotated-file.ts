import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from './clock.ts';
import type { RotatedFile, RotationOptions } from './rotated-file.ts';

/** As `Files.openLines`. Errors: the system's. */
export function openLines(path: string, options: RotationOptions, clock: Clock): RotatedFile {
  if (path === '-') return standardOutput;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return new NodejsRotatedFile(path, options, clock);
}

/** What nobody reads there waits in memory. */
const standardOutput: RotatedFile = {
  append: (text) => void process.stdout.write(text),
  [Symbol.asyncDispose]: () => new Promise((resolve) => process.stdout.write('', () => resolve())),
};

class NodejsRotatedFile implements RotatedFile {
  readonly #path: string;
  readonly #options: RotationOptions;
  readonly #clock: Clock;
  #file: number;
  #bytes: number;
  /** Of those that were put aside; one after the other. */
  #cleaning: Promise<void> = Promise.resolve();

  constructor(path: string, options: RotationOptions, clock: Clock) {
    this.#path = path;
    this.#options = options;
    this.#clock = clock;
    this.#file = openSync(path, 'a', 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.bytesMax) this.#rotate();
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
      this.#bytes += bytes.length;
    } catch (error) {
      // No half of a line stays, on a disk that is full.
      if (written > 0) ftruncateSync(this.#file, this.#bytes);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    closeSync(this.#file);
    await this.#cleaning;
  }

  #rotate(): void {
    const aside = putAsideName(this.#path, this.#clock.now());
    renameSync(this.#path, aside);
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a', 0o600);
    this.#bytes = 0;
    this.#cleaning = this.#cleaning.then(() => this.#clean());
  }

  async #clean(): Promise<void> {
    const { keptFilesMax, keptMs, compresses } = this.#options;
    try {
      const oldestMs = keptMs === 0 ? -Infinity : this.#clock.now() - keptMs;
      const aside = await filesPutAside(this.#path);
      for (const [index, { path, sinceMs }] of aside.entries()) {
        const isOver = keptFilesMax > 0 && index >= keptFilesMax;
        if (isOver || sinceMs < oldestMs) await rm(path, { force: true });
        else if (compresses && !path.endsWith('.gz')) await compress(path);
      }
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}

function putAsideName(path: string, nowMs: number): string {
  const extension = extname(path);
  const time = new Date(nowMs).toISOString().slice(0, 23).replaceAll(':', '-');
  return join(dirname(path), `${basename(path, extension)}-${time}${extension}`);
}

const timePattern = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d\.\d{3})$/;

/** The newest first. */
async function filesPutAside(
  path: string,
): Promise<readonly { readonly path: string; readonly sinceMs: number }[]> {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const found = (await readdir(dirname(path))).flatMap((name) => {
    const plain = name.endsWith('.gz') ? name.slice(0, -3) : name;
    if (!plain.startsWith(prefix) || !plain.endsWith(extension)) return [];
    const time = plain.slice(prefix.length, plain.length - extension.length);
    const sinceMs = Date.parse(time.replace(timePattern, '$1:$2:$3Z'));
    return timePattern.test(time) ? [{ path: join(dirname(path), name), sinceMs }] : [];
  });
  return found.sort((a, b) => b.sinceMs - a.sinceMs);
}

/** The file is there whole, compressed or not, also when this is cut short. */
async function compress(path: string): Promise<void> {
  const draft = `${path}.gz.tmp`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(draft, { mode: 0o600 }));
  await rename(draft, `${path}.gz`);
  await rm(path);
}
