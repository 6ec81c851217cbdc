import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { pageBytes } from './sqlite-format.ts';
import { LogFile } from './sqlite-log.ts';

/** What a column holds. Numbers that a store writes are exact. */
export type SqliteValue = null | number | string | Uint8Array;

/**
 * A database file and its log as pages, for when SQLite itself does not find its way in it any more.
 */
export class PageFile {
  readonly #handle: number;
  /** What was committed last, and is newer than the file. */
  readonly #log: LogFile;
  readonly pageCount: number;

  constructor({ database, log }: { readonly database: string; readonly log: string }) {
    this.#handle = openSync(database, 'r');
    this.#log = new LogFile(log);
    const sizeBytes = fstatSync(this.#handle).size;
    this.pageCount = Math.max(Math.ceil(sizeBytes / pageBytes), this.#log.pageCount);
  }

  /** Pages count from 1. What is cut off reads as zeroes; undefined when there is no such page. */
  page(number: number): Buffer | undefined {
    if (number < 1 || number > this.pageCount) return undefined;
    const logged = this.#log.page(number);
    if (logged !== undefined) return logged;
    const page = Buffer.alloc(pageBytes);
    readSync(this.#handle, page, 0, pageBytes, (number - 1) * pageBytes);
    return page;
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle);
    this.#log[Symbol.dispose]();
  }
}

/** What could be read of a tree. */
export interface TreeReading {
  readonly records: readonly (readonly SqliteValue[])[];
  readonly pages: ReadonlySet<number>;
  /** Whether every page was there and was of its kind. */
  readonly isWhole: boolean;
}

const kinds = { tableLeaf: 0x0d, tableInterior: 0x05, indexLeaf: 0x0a, indexInterior: 0x02 };

/** Reads the records of the tree that begins at page `root`, passing over what makes no sense. */
export function readTree(file: PageFile, root: number): TreeReading {
  const records: (readonly SqliteValue[])[] = [];
  const pages = new Set<number>();
  let isWhole = true;
  const waiting = [root];
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const page = pages.has(number) ? undefined : file.page(number);
    if (page === undefined) {
      isWhole = false;
      continue;
    }
    pages.add(number);
    const reading = readPage(file, page);
    isWhole &&= reading.isWhole;
    records.push(...reading.records);
    waiting.push(...reading.children);
  }
  return { records, pages, isWhole };
}

/** The records of a page of rows that no tree leads to; none when it is another page. */
export function readStrayPage(file: PageFile, number: number): readonly (readonly SqliteValue[])[] {
  const page = file.page(number);
  return page?.[0] === kinds.tableLeaf ? readPage(file, page).records : [];
}

/** The pages that hold nothing now, as far as the file's list of them can be followed. */
export function freePages(file: PageFile): ReadonlySet<number> {
  const free = new Set<number>();
  let trunk = file.page(1)?.readUInt32BE(32) ?? 0;
  while (trunk !== 0 && !free.has(trunk)) {
    const page = file.page(trunk);
    if (page === undefined) break;
    free.add(trunk);
    const count = Math.min(page.readUInt32BE(4), pageBytes / 4 - 2);
    for (let index = 0; index < count; index++) free.add(page.readUInt32BE(8 + 4 * index));
    trunk = page.readUInt32BE(0);
  }
  return free;
}

interface PageReading {
  readonly records: readonly (readonly SqliteValue[])[];
  readonly children: readonly number[];
  readonly isWhole: boolean;
}

// A page whose kind is damaged is read as a page of rows, which are verified anyway.
function readPage(file: PageFile, page: Buffer): PageReading {
  const kind = page[0] ?? 0;
  const isKnown = Object.values(kinds).includes(kind);
  const isIndex = kind === kinds.indexLeaf || kind === kinds.indexInterior;
  const isInterior = kind === kinds.tableInterior || kind === kinds.indexInterior;
  const headerBytes = isInterior ? 12 : 8;
  const records: (readonly SqliteValue[])[] = [];
  const children = isInterior ? [page.readUInt32BE(8)] : [];
  let isWhole = isKnown;
  const cellCount = Math.min(page.readUInt16BE(3), (pageBytes - headerBytes) / 2);
  for (let index = 0; index < cellCount; index++) {
    try {
      const start = page.readUInt16BE(headerBytes + 2 * index);
      if (isInterior) children.push(page.readUInt32BE(start));
      if (kind === kinds.tableInterior) continue;
      const content = isInterior ? start + 4 : start;
      records.push(readRecord(readPayload(file, page, { start: content, isIndex })));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      isWhole = false;
    }
  }
  return { records, children, isWhole };
}

/**
 * The bytes of a cell, which may go on in other pages. Errors: `RangeError` when it makes no sense.
 *
 * Source: https://www.sqlite.org/fileformat2.html, "Cell payload overflow pages".
 */
function readPayload(
  file: PageFile,
  page: Buffer,
  { start, isIndex }: { readonly start: number; readonly isIndex: boolean },
): Buffer {
  const [sizeBytes, afterSize] = readVarint(page, start);
  const content = isIndex ? afterSize : readVarint(page, afterSize)[1];
  if (sizeBytes > file.pageCount * pageBytes) throw new RangeError('larger than the file');
  const localMax = isIndex ? Math.floor(((pageBytes - 12) * 64) / 255) - 23 : pageBytes - 35;
  const localMin = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
  const fitting = localMin + ((sizeBytes - localMin) % (pageBytes - 4));
  const spilled = fitting <= localMax ? fitting : localMin;
  const localBytes = sizeBytes <= localMax ? sizeBytes : spilled;
  if (content + localBytes > pageBytes) throw new RangeError('beyond its page');
  const parts = [page.subarray(content, content + localBytes)];
  let missing = sizeBytes - localBytes;
  let next = missing > 0 ? page.readUInt32BE(content + localBytes) : 0;
  while (missing > 0) {
    const overflow = file.page(next);
    if (overflow === undefined) throw new RangeError('it goes on where there is no page');
    const part = overflow.subarray(4, 4 + Math.min(missing, pageBytes - 4));
    parts.push(part);
    missing -= part.length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

/** Source: https://www.sqlite.org/fileformat2.html, "Record Format". */
function readRecord(payload: Buffer): readonly SqliteValue[] {
  const [headerBytes, first] = readVarint(payload, 0);
  const values: SqliteValue[] = [];
  let content = headerBytes;
  for (let at = first; at < headerBytes;) {
    const [type, next] = readVarint(payload, at);
    const sizeBytes = type >= 12 ? Math.floor((type - 12) / 2) : (integerBytes[type] ?? 0);
    if (content + sizeBytes > payload.length) throw new RangeError('beyond its cell');
    values.push(readValue(type, payload.subarray(content, content + sizeBytes)));
    content += sizeBytes;
    at = next;
  }
  return values;
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8, 8];

function readValue(type: number, bytes: Buffer): SqliteValue {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString();
  if (bytes.length === 0 || type === 7) throw new RangeError('no store writes such a value');
  return bytes.length <= 6 ? bytes.readIntBE(0, bytes.length) : Number(bytes.readBigInt64BE());
}

/** A number and where it ends. */
function readVarint(bytes: Buffer, start: number): readonly [number, number] {
  let value = 0;
  for (let at = start; at < start + 8; at++) {
    const byte = bytes.readUInt8(at);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + 1];
  }
  // The ninth byte would count whole, in numbers that no store writes.
  throw new RangeError('a number that is too large');
}
