import { appliedSet } from './foreign-changes.ts';
import type { Ruleset } from './ruleset.ts';

/** A table of nftables with addresses of IPv4. */
export interface NftTable {
  readonly name: string;
  /** What is always in it: chains with their hooks, and the maps and sets that a ruleset fills. */
  readonly frame: string;
}

/** What makes the whole table anew, in one transaction. */
export function fullScript(table: NftTable, ruleset: Ruleset): string {
  const { name, frame } = table;
  const none: Ruleset = { chains: new Map(), sets: new Map(), elements: new Map() };
  return [
    `add table ip ${name}`,
    `delete table ip ${name}`,
    `table ip ${name} {`,
    frame,
    `  set ${appliedSet} { type mark; }`,
    '}',
    changeScript(table, none, ruleset),
  ].join('\n');
}

/** What marks a transaction of a table as one of its keeper. */
export function markScript({ name }: Pick<NftTable, 'name'>, mark: number): string {
  return `flush set ip ${name} ${appliedSet}\nadd element ip ${name} ${appliedSet} { ${mark} }\n`;
}

/** What takes the table away; no error where there is none. */
export function removalScript({ name }: Pick<NftTable, 'name'>): string {
  return `add table ip ${name}\ndelete table ip ${name}\n`;
}

/**
 * What makes one ruleset of another, in one transaction; empty where they are the same. What stays is not
 * touched: whoever was sent somewhere is remembered.
 */
export function changeScript({ name }: NftTable, before: Ruleset, after: Ruleset): string {
  const lines: string[] = [];
  for (const [set, definition] of after.sets) {
    if (before.sets.get(set) !== definition)
      lines.push(`add set ip ${name} ${set} { ${definition} }`);
  }
  const changed = [...after.chains].filter(
    ([chain, rules]) => !isSameList(before.chains.get(chain), rules),
  );
  // All of them first, for those that lead to each other.
  for (const [chain] of changed) lines.push(`add chain ip ${name} ${chain}`);
  for (const [chain, rules] of changed) {
    if (before.chains.has(chain)) lines.push(`flush chain ip ${name} ${chain}`);
    for (const rule of rules) lines.push(`add rule ip ${name} ${chain} ${rule}`);
  }
  for (const [map, elements] of after.elements) {
    const old = before.elements.get(map) ?? new Map<string, string>();
    const gone = [...old].filter(([key, value]) => elements.get(key) !== value);
    const added = [...elements].filter(([key, value]) => old.get(key) !== value);
    const texts = added.map(([key, value]) => (value === '' ? key : `${key} : ${value}`));
    for (const some of inLines(gone.map(([key]) => key))) {
      lines.push(`delete element ip ${name} ${map} { ${some} }`);
    }
    for (const some of inLines(texts)) lines.push(`add element ip ${name} ${map} { ${some} }`);
  }
  const gone = [...before.chains.keys()].filter((chain) => !after.chains.has(chain));
  // A chain that another one leads to stays.
  for (const chain of gone) lines.push(`flush chain ip ${name} ${chain}`);
  for (const chain of gone) lines.push(`delete chain ip ${name} ${chain}`);
  for (const set of before.sets.keys()) {
    if (!after.sets.has(set)) lines.push(`delete set ip ${name} ${set}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** A command is carried out as a whole, and the kernel may take only so much at once. */
const elementsPerLineMax = 250;

function* inLines(elements: readonly string[]): Generator<string, undefined> {
  for (let at = 0; at < elements.length; at += elementsPerLineMax) {
    yield elements.slice(at, at + elementsPerLineMax).join(', ');
  }
}

function isSameList(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one?.length === other.length && one.every((each, index) => each === other[index]);
}
