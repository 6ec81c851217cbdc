import { closeSync, openSync, readSync } from 'node:fs';
import { sizeOf } from './sqlite-connection.ts';
import { pageBytes } from './sqlite-format.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;
const frameBytes = frameHeaderBytes + pageBytes;

/**
 * The pages that were committed to a write-ahead log and perhaps not yet moved into the database.
 * As for SQLite, the log ends where its checksums or its salts do not go on.
 *
 * Source: https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log".
 */
export class LogFile {
  readonly #handle: number | undefined;
  /** Where the newest committed bytes of each page are. */
  readonly #places: ReadonlyMap<number, number>;
  /** How many pages the database has after the last commit; 0 without one. */
  readonly pageCount: number;

  constructor(file: string) {
    this.#handle = sizeOf(file) === undefined ? undefined : openSync(file, 'r');
    const committed = this.#handle === undefined ? empty : readCommitted(this.#handle);
    this.#places = committed.places;
    this.pageCount = committed.pageCount;
  }

  /** Undefined when the log holds nothing of the page. */
  page(number: number): Buffer | undefined {
    const place = this.#places.get(number);
    if (this.#handle === undefined || place === undefined) return undefined;
    const page = Buffer.alloc(pageBytes);
    readSync(this.#handle, page, 0, pageBytes, place);
    return page;
  }

  [Symbol.dispose](): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
  }
}

interface Committed {
  readonly places: ReadonlyMap<number, number>;
  readonly pageCount: number;
}

const empty: Committed = { places: new Map(), pageCount: 0 };

function readCommitted(handle: number): Committed {
  const header = readHeader(handle);
  if (header === undefined) return empty;
  const places = new Map<number, number>();
  let pageCount = 0;
  let uncommitted: (readonly [page: number, place: number])[] = [];
  let sum = header.sum;
  const frame = Buffer.alloc(frameBytes);
  for (let at = headerBytes; ; at += frameBytes) {
    if (readSync(handle, frame, 0, frameBytes, at) < frameBytes) break;
    if (!frame.subarray(8, 16).equals(header.salts)) break;
    sum = addTo(sum, frame.subarray(0, 8), header.isBigEndian);
    sum = addTo(sum, frame.subarray(frameHeaderBytes), header.isBigEndian);
    if (!isSum(sum, frame, 16)) break;
    uncommitted.push([frame.readUInt32BE(0), at + frameHeaderBytes]);
    const pageCountAfter = frame.readUInt32BE(4);
    if (pageCountAfter === 0) continue;
    pageCount = pageCountAfter;
    for (const [page, place] of uncommitted) places.set(page, place);
    uncommitted = [];
  }
  return { places, pageCount };
}

type Sum = readonly [number, number];

interface LogHeader {
  readonly isBigEndian: boolean;
  readonly salts: Buffer;
  readonly sum: Sum;
}

function readHeader(handle: number): LogHeader | undefined {
  const header = Buffer.alloc(headerBytes);
  if (readSync(handle, header, 0, headerBytes, 0) < headerBytes) return undefined;
  const magic = header.readUInt32BE(0);
  if (magic !== littleEndianMagic && magic !== bigEndianMagic) return undefined;
  if (header.readUInt32BE(8) !== pageBytes) return undefined;
  const isBigEndian = magic === bigEndianMagic;
  const sum = addTo([0, 0], header.subarray(0, 24), isBigEndian);
  if (!isSum(sum, header, 24)) return undefined;
  return { isBigEndian, salts: header.subarray(16, 24), sum };
}

const littleEndianMagic = 0x37_7f_06_82;
const bigEndianMagic = 0x37_7f_06_83;

function addTo([first, second]: Sum, bytes: Buffer, isBigEndian: boolean): Sum {
  for (let at = 0; at < bytes.length; at += 8) {
    const one = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const other = isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
    first = (first + one + second) >>> 0;
    second = (second + other + first) >>> 0;
  }
  return [first, second];
}

function isSum([first, second]: Sum, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second;
}
