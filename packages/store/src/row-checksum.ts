import { crc32 } from 'node:zlib';
import type { StoreEntry } from './store.ts';

/**
 * The checksum that a row of the file carries: over all that it says.
 *
 * CRC-32 because it finds every flipped bit and every burst of damage up to 32 bits, comes with
 * Node.js and costs a quarter of a millisecond for a mebibyte. It is no protection against somebody
 * who wants to change a row; nothing in a file that they can write would be.
 */
export function checksumOf(entry: StoreEntry): number {
  const { key, revision, createRevision, expiresAt, value } = entry;
  // The length keeps apart what joining key and value would confuse.
  const numbers = `${revision} ${createRevision} ${expiresAt ?? 0} ${value.length} ${key}`;
  return crc32(value, crc32(numbers));
}

/** The checksum of the row that holds the state of the whole file. */
export function stateChecksum(revision: number, { count, digest }: RowSum): number {
  return crc32(`${revision} ${count} ${digest}`);
}

/** What all rows together sum up to, so that one that is missing is noticed. */
export interface RowSum {
  readonly count: number;
  readonly digest: number;
}

export const emptySum: RowSum = { count: 0, digest: 0 };

export function withRow({ count, digest }: RowSum, checksum: number): RowSum {
  return { count: count + 1, digest: (digest ^ checksum) >>> 0 };
}

export function withoutRow({ count, digest }: RowSum, checksum: number): RowSum {
  return { count: count - 1, digest: (digest ^ checksum) >>> 0 };
}
