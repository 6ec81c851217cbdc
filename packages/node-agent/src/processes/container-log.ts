import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Longer lines are logged in parts, as containerd does. */
const lineBytesMax = 16 * 1024;

export type OutputName = 'stdout' | 'stderr';

/** The log file of a container, in the format of CRI: time, stream, whether the line is whole, and the line. */
export class ContainerLog {
  readonly #path: string;
  readonly #now: () => number;
  #file: FileHandle;
  #rest: Record<OutputName, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  #done: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, now: () => number) {
    this.#path = path;
    this.#now = now;
    this.#file = file;
  }

  /** `now`: milliseconds since 1970. */
  static async open(path: string, now: () => number): Promise<ContainerLog> {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    return new ContainerLog(path, await open(path, 'a', 0o640), now);
  }

  /** Resolves when it is in the file. */
  write(name: OutputName, bytes: Buffer): Promise<void> {
    return this.#inTurn(async () => {
      const { lines, rest } = this.#lines(name, Buffer.concat([this.#rest[name], bytes]));
      this.#rest[name] = rest;
      if (lines !== '') await this.#file.write(lines, null, 'latin1');
    });
  }

  /** Goes on in a new file, after this one was renamed. */
  reopen(): Promise<void> {
    return this.#inTurn(async () => {
      const next = await open(this.#path, 'a', 0o640);
      await this.#file.close();
      this.#file = next;
    });
  }

  /** What had no end of a line is logged as it is. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const name of ['stdout', 'stderr'] as const) {
        const rest = this.#rest[name];
        if (rest.length > 0) await this.#file.write(this.#line(name, 'P', rest), null, 'latin1');
      }
      await this.#file.close();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const next = this.#done.then(work);
    this.#done = next.catch(() => {}); // Who asked for it is told.
    return next;
  }

  #lines(name: OutputName, bytes: Buffer): { readonly lines: string; readonly rest: Buffer } {
    let lines = '';
    let begin = 0;
    for (;;) {
      const end = bytes.indexOf(0x0a, begin);
      const length = (end < 0 ? bytes.length : end) - begin;
      if (length > lineBytesMax) {
        lines += this.#line(name, 'P', bytes.subarray(begin, begin + lineBytesMax));
        begin += lineBytesMax;
      } else if (end < 0) {
        return { lines, rest: Buffer.from(bytes.subarray(begin)) };
      } else {
        lines += this.#line(name, 'F', bytes.subarray(begin, end));
        begin = end + 1;
      }
    }
  }

  #line(name: OutputName, tag: 'F' | 'P', line: Buffer): string {
    return `${new Date(this.#now()).toISOString()} ${name} ${tag} ${line.toString('latin1')}\n`;
  }
}
