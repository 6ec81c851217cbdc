import type { Command } from 'commander';

/** What was typed after `--`, which commander leaves out; undefined where there was none. */
export function wordsAfterMark(command: Command): readonly string[] | undefined {
  let root = command;
  while (root.parent !== null) root = root.parent;
  const typed = 'rawArgs' in root ? (root.rawArgs as readonly string[]) : [];
  const mark = typed.indexOf('--');
  return mark < 0 ? undefined : typed.slice(mark + 1);
}
