import type { Command, Option } from 'commander';
import { parseTruthValue } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

/**
 * Flags as kubectl's users write them, in the way in which commander reads them: `--all=true`, `--wait=false`,
 * `-o=json`, and `--overwrite pods`, where what may stand alone takes no value from the next word.
 *
 * Errors: `CommandError` for `--all=maybe`.
 */
export function spellFlags(words: readonly string[], program: Command): readonly string[] {
  const { command, path } = namedCommand(words, program);
  const options = path.toReversed().flatMap((each) => each.options);
  // What follows is for another program.
  const end = endOfFlags(words, command);
  const spelled = words.slice(0, end).flatMap((word, at) => {
    const [before = '', after = ''] = [words[at - 1], words[at + 1]];
    if (takesNext(before, options)) return [word];
    // `--wait false` can mean nothing else.
    if (mayTakeNext(before, options) && isTruth(word)) return [];
    return mayTakeNext(word, options) && isTruth(after) && at + 1 < end
      ? [`${word}=${after}`]
      : spellFlag(word, options);
  });
  return [...spelled, ...words.slice(end)];
}

function namedCommand(
  words: readonly string[],
  program: Command,
): { readonly command: Command; readonly path: readonly Command[] } {
  let command = program;
  const path = [program];
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) continue;
    command = next;
    path.push(next);
  }
  return { command, path };
}

function endOfFlags(words: readonly string[], command: Command): number {
  const mark = words.indexOf('--');
  if (mark >= 0) return mark;
  // A command that passes words on does so from its first argument, which nobody can tell from a value here.
  return '_passThroughOptions' in command && command._passThroughOptions === true
    ? 0
    : words.length;
}

function takesNext(word: string, options: readonly Option[]): boolean {
  return options.some(
    (option) => option.required && (option.long === word || option.short === word),
  );
}

function mayTakeNext(word: string, options: readonly Option[]): boolean {
  return options.some(({ optional, long, short }) => optional && (long === word || short === word));
}

function isTruth(word: string): boolean {
  return word === 'true' || word === 'false';
}

function spellFlag(word: string, options: readonly Option[]): readonly string[] {
  const [, name = '', value] = /^(--?[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const option = options.find(({ long, short }) => long === name || short === name);
  if (option === undefined) return [word];
  const { required, optional, presetArg } = option;
  if (optional && value === undefined) return [`${option.long}=${String(presetArg ?? true)}`];
  if (value === undefined) return [word];
  if (required || optional) return option.long === undefined ? [word] : [`${option.long}=${value}`];
  const truth = parseTruthValue(value);
  if (truth === undefined) {
    throw new CommandError(`cannot use ${name} ${JSON.stringify(value)}: it is true or false`);
  }
  return truth ? [name] : [];
}
