import { createHash } from 'node:crypto';

/**
 * What a table of nftables holds beside its fixed frame: chains with their rules, sets with their
 * definitions, and the elements of maps and sets.
 */
export interface Ruleset {
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Of each set its definition. */
  readonly sets: ReadonlyMap<string, string>;
  /** Of each map or set its elements: what stands behind a key of a map, nothing behind one of a set. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** The kernel takes 255; some of ours say more than one thing. */
const nameCharactersMax = 200;

/**
 * The name of a chain or set: `ingress/shop/web`. What nftables would not take as one, or would take for
 * something else, stands there as a digest.
 *
 * Source: nft(8), identifiers.
 */
export function nftName(kind: string, ...words: readonly string[]): string {
  const name = [kind, ...words].join('/');
  const isPlain = words.every((word) => /^[a-z0-9][a-z0-9./-]*$/.test(word));
  if (isPlain && name.length <= nameCharactersMax) return name;
  // No word of a plain name has an underscore.
  return `${kind}/by_digest/${digestOf(words)}`;
}

/** Tells values from others, in a name. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
