import { type FileHandle, open, rename } from 'node:fs/promises';
import type { Clock, Logger, Timer } from '@fairway/host';
import { type HttpRequest, formatTime, headerOf } from '@fairway/protocol';
import type { Route } from './routing-table.ts';

/** One request that was answered. */
export interface Access {
  readonly request: HttpRequest;
  /** 101 for what has become another protocol. */
  readonly status: number;
  /** Absent: no rule was for it. */
  readonly route: Route | undefined;
  /** Why the ingress has refused it itself; absent for answers of programs. */
  readonly why: string | undefined;
  /** Until the answer began. */
  readonly tookMs: number;
}

export type NoteAccess = (access: Access) => void;

/** A log of what an ingress answers. */
export interface AccessLog extends AsyncDisposable {
  readonly note: NoteAccess;
}

/** A file that is longer goes on in a new one; the one before it is kept beside it, as `access.log.1`. */
const fileBytesMax = 16 * 1024 * 1024;
/** Lines that wait for the disk; more are left out. */
const waitingBytesMax = 4 * 1024 * 1024;
/** So many, or so old ones, go to the disk at once. */
const batchBytes = 256 * 1024;
const batchMs = 1_000;

/** Opens a log with one line of JSON for each request. Queries are left out: they may hold secrets. */
export async function openAccessLog(
  path: string,
  doors: { readonly clock: Clock; readonly logger: Logger },
): Promise<AccessLog> {
  const log = new FileLog(path, await open(path, 'a', 0o600), doors);
  return {
    note: (access) => log.add(lineOf(access, doors.clock)),
    [Symbol.asyncDispose]: () => log.close(),
  };
}

function lineOf({ request, status, route, why, tookMs }: Access, clock: Clock): string {
  const { method, path, headers, peer } = request;
  const line = {
    time: formatTime(clock.now()),
    client: peer?.address,
    method,
    host: headerOf(headers, 'host'),
    path,
    status,
    tookMs: Math.round(tookMs),
    why,
    ...(route && { ingress: route.ingress, service: route.service }),
  };
  return `${JSON.stringify(line)}\n`;
}

class FileLog {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #file: FileHandle;
  #fileBytes = 0;
  #waiting = '';
  #leftOut = 0;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;

  constructor(
    path: string,
    file: FileHandle,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#path = path;
    this.#file = file;
    this.#clock = clock;
    this.#logger = logger;
  }

  add(line: string): void {
    if (this.#waiting.length + line.length > waitingBytesMax) {
      this.#leftOut += 1;
      return;
    }
    this.#waiting += line;
    if (this.#waiting.length >= batchBytes) this.#writeSoon();
    else this.#timer ??= this.#clock.schedule(batchMs, () => this.#writeSoon());
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    await this.#writeAll();
    await this.#file.close();
  }

  #writeSoon(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting !== '') await this.#write();
  }

  async #write(): Promise<void> {
    const lines = Buffer.from(this.#waiting);
    const leftOut = this.#leftOut;
    this.#waiting = '';
    this.#leftOut = 0;
    try {
      if (this.#fileBytes === 0) this.#fileBytes = (await this.#file.stat()).size;
      if (this.#fileBytes + lines.length > fileBytesMax) await this.#begin();
      await this.#file.appendFile(lines);
      this.#fileBytes += lines.length;
      if (leftOut > 0) this.#logger.warn('lines of the access log were left out', { leftOut });
    } catch (error) {
      this.#logger.warn('the access log cannot be written', { path: this.#path, error });
    }
  }

  async #begin(): Promise<void> {
    await rename(this.#path, `${this.#path}.1`);
    const before = this.#file;
    this.#file = await open(this.#path, 'a', 0o600);
    this.#fileBytes = 0;
    await before.close();
  }
}
