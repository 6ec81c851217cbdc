import type { Taint } from '@fairway/kinds/core/v1';
import { checkLabelKey, checkLabelValue } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

/** Taints that are set and taken away. */
export interface TaintChange {
  readonly added: readonly Taint[];
  /** Without an effect: those of every effect. */
  readonly removed: readonly { readonly key: string; readonly effect: string | undefined }[];
}

type Effect = Taint['effect'];

const effects: readonly Effect[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/**
 * Parts words into those that name nodes and those that say what changes: `KEY=VALUE:EFFECT`, `KEY:EFFECT`, and
 * `KEY-` or `KEY:EFFECT-` for what is taken away. Errors: `CommandError`.
 */
export function readTaintChange(words: readonly string[]): {
  readonly resources: readonly string[];
  readonly change: TaintChange;
} {
  const isChange = (word: string): boolean => /[=:]/.test(word) || word.endsWith('-');
  const found = words.findIndex(isChange);
  const first = found < 0 ? words.length : found;
  const late = words.slice(first).find((word) => !isChange(word));
  if (late !== undefined) {
    throw new CommandError(`all resources must be specified before taint changes: ${late}`);
  }
  const added: Taint[] = [];
  const removed: { key: string; effect: string | undefined }[] = [];
  for (const word of words.slice(first)) {
    if (word.endsWith('-')) removed.push(readRemoval(word));
    else added.push(readTaint(word));
  }
  checkTogether({ added, removed });
  return { resources: words.slice(0, first), change: { added, removed } };
}

/** What becomes of the taints of a node, the new ones first. Errors: `CommandError`. */
export function changedTaints(
  { added, removed }: TaintChange,
  before: readonly Taint[],
  node: { readonly name: string; readonly overwrites: boolean },
): readonly Taint[] {
  const isReplaced = (old: Taint): boolean => added.some((taint) => isSamePlace(taint, old));
  if (!node.overwrites && before.some(isReplaced)) {
    throw new CommandError(
      `node ${node.name} already has a taint(s) with same effect(s) and --overwrite is false`,
    );
  }
  for (const { key, effect } of removed) {
    if (before.some((old) => isMeant(old, key, effect))) continue;
    const text = effect === undefined ? key : `${key}:${effect}`;
    throw new CommandError(`taint ${JSON.stringify(text)} not found`);
  }
  const kept = before.filter(
    (old) => !isReplaced(old) && !removed.some(({ key, effect }) => isMeant(old, key, effect)),
  );
  return [...added, ...kept];
}

function isSamePlace(one: Taint, other: Taint): boolean {
  return one.key === other.key && one.effect === other.effect;
}

function isMeant(taint: Taint, key: string, effect: string | undefined): boolean {
  return taint.key === key && (effect === undefined || taint.effect === effect);
}

function readTaint(word: string): Taint {
  const [, key = '', , value, effect = ''] = /^([^=:]*)(=([^:]*))?(?::(.*))?$/.exec(word) ?? [];
  const why =
    checkLabelKey(key) ??
    (value === undefined || value === '' ? undefined : checkLabelValue(value));
  if (why !== undefined) throw new CommandError(`invalid taint spec: ${word}, ${why}`);
  if (effect === '') {
    throw new CommandError(
      `invalid taint spec: ${word}, it has no effect: write ${key}=${value ?? 'VALUE'}:NoSchedule`,
    );
  }
  return {
    key,
    effect: readEffect(effect),
    ...(value === undefined || value === '' ? {} : { value }),
  };
}

function readRemoval(word: string): { readonly key: string; readonly effect: string | undefined } {
  const [, key = '', effect] = /^([^=:]*)(?:=[^:]*)?(?::(.*))?-$/.exec(word) ?? [];
  const why = checkLabelKey(key);
  if (why !== undefined) throw new CommandError(`invalid taint spec: ${word}, ${why}`);
  return { key, effect: effect === undefined ? undefined : readEffect(effect) };
}

function readEffect(text: string): Effect {
  const effect = effects.find((each) => each === text);
  if (effect !== undefined) return effect;
  throw new CommandError(
    `invalid taint effect: ${text}, unsupported taint effect; there are ${effects.join(', ')}`,
  );
}

function checkTogether({ added, removed }: TaintChange): void {
  for (const [at, taint] of added.entries()) {
    const { key, value = '', effect } = taint;
    if (added.slice(0, at).some((other) => isSamePlace(other, taint))) {
      throw new CommandError(
        `duplicated taints with the same key and effect: ${key}=${value}:${effect}`,
      );
    }
    if (removed.some((each) => isMeant(taint, each.key, each.effect))) {
      throw new CommandError(
        `can not both modify and remove the following taint(s) in the same command: ${key}=${effect}`,
      );
    }
  }
}
