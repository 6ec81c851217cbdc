import { stringifyJson } from '@fairway/protocol';

const contextLines = 3;

/**
 * How one value differs from another, as `diff -u` writes it of their JSON, without file names. Lines that
 * stand in the middle and differ are taken as one change.
 * Source: kube-apiserver, messages of updates that are forbidden.
 */
export function differenceOf(before: object, after: object): string {
  const [old, changed] = [before, after].map((each) => stringifyJson(each, 1).split('\n'));
  return old === undefined || changed === undefined ? '' : hunkOf(old, changed);
}

function hunkOf(old: readonly string[], changed: readonly string[]): string {
  const same = commonLength(old, changed);
  const rest = Math.min(old.length, changed.length) - same;
  const sameAtEnd = Math.min(rest, commonLength(old.toReversed(), changed.toReversed()));
  const start = Math.max(0, same - contextLines);
  const ends = [old, changed].map(({ length }) =>
    Math.min(length, length - sameAtEnd + contextLines),
  );
  const [oldEnd = 0, changedEnd = 0] = ends;
  const lines = [
    `@@ -${start + 1},${oldEnd - start} +${start + 1},${changedEnd - start} @@`,
    ...old.slice(start, same).map((line) => ` ${line}`),
    ...old.slice(same, old.length - sameAtEnd).map((line) => `-${line}`),
    ...changed.slice(same, changed.length - sameAtEnd).map((line) => `+${line}`),
    ...old.slice(old.length - sameAtEnd, oldEnd).map((line) => ` ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** How many lines are the same from the beginning. */
function commonLength(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((line, index) => line !== other[index]);
  return differs === -1 ? one.length : differs;
}
