import { CommandError } from '../command-error.ts';

/** Labels or annotations that are set and taken away. */
export interface PairChange {
  readonly set: ReadonlyMap<string, string>;
  readonly removed: ReadonlySet<string>;
}

/**
 * Parts words into those that name objects and those that say what changes: `KEY=VALUE`, and `KEY-` for what is
 * taken away. Errors: `CommandError`.
 */
export function readPairChange(
  noun: string,
  words: readonly string[],
): { readonly resources: readonly string[]; readonly change: PairChange } {
  const isPair = (word: string): boolean => word.includes('=') || word.endsWith('-');
  const found = words.findIndex(isPair);
  const first = found < 0 ? words.length : found;
  const late = words.slice(first).find((word) => !isPair(word));
  if (late !== undefined) {
    throw new CommandError(`all resources must be specified before ${noun} changes: ${late}`);
  }
  const set = new Map<string, string>();
  const removed = new Set<string>();
  for (const word of words.slice(first)) {
    const mark = word.indexOf('=');
    if (mark === 0)
      throw new CommandError(`invalid ${noun} ${JSON.stringify(word)}: its key is empty`);
    if (mark < 0) removed.add(word.slice(0, -1));
    else set.set(word.slice(0, mark), word.slice(mark + 1));
  }
  const both = [...removed].find((key) => set.has(key));
  if (both !== undefined) {
    const article = noun === 'label' ? 'a' : 'an';
    throw new CommandError(
      `can not both modify and remove ${article} ${noun} in the same command: ${both}`,
    );
  }
  return { resources: words.slice(0, first), change: { set, removed } };
}
