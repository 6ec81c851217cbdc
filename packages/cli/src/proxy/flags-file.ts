import type { Command, Option } from 'commander';
import { isJsonObject } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

/** The flags of a command as they are put together from its line and a file. */
export interface LayeredFlags<Flags> {
  /** With what a file says: what was typed counts before it, and defaults after it. Errors: `CommandError`. */
  readonly with: (path: string, text: string) => Promise<Flags>;
}

/**
 * Reads flags from a file of YAML or JSON: `read-only: true`, `deny: ['* secrets']`, under their long names without
 * dashes. Where a command has `--no-x`, `x: false` is the same as `no-x: true`. `flags`: those of the line, with defaults.
 */
export function layeredFlags<Flags extends object>(
  command: Command,
  flags: Flags,
): LayeredFlags<Flags> {
  const typed = Object.entries(flags).filter(
    ([name]) => command.getOptionValueSource(name) !== 'default',
  );
  return {
    async with(path, text) {
      const said = await readYaml(path, text);
      const values = new Map<string, unknown>();
      for (const [key, value] of Object.entries(said)) {
        const option = command.options.find((each) => namesOf(each).includes(key));
        if (option === undefined || key === 'config') throw unknownFlag(path, key, command);
        const name = option.attributeName();
        if (values.has(name)) throw unusable(path, `${namesOf(option).join(' and ')} are one flag`);
        values.set(name, valueOf(path, { option, key }, value));
      }
      return { ...flags, ...Object.fromEntries(values), ...Object.fromEntries(typed) };
    },
  };
}

function longName({ long }: Option): string | undefined {
  return long?.replace(/^--/, '');
}

/** How a file may call it: `no-x` also by what it turns off. */
function namesOf(option: Option): readonly string[] {
  const name = longName(option);
  if (name === undefined) return [];
  return option.negate ? [name, name.replace(/^no-/, '')] : [name];
}

async function readYaml(path: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { version: '1.1' });
  const [error] = document.errors;
  if (error !== undefined) throw unusable(path, error.message);
  const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (!isJsonObject(value)) throw unusable(path, 'it is no object with the names of flags');
  return value;
}

function valueOf(
  path: string,
  { option, key: name }: { readonly option: Option; readonly key: string },
  value: unknown,
): unknown {
  if (option.isBoolean() || option.negate) {
    const isNegated = option.negate && name === longName(option);
    if (typeof value === 'boolean') return isNegated ? !value : value;
    throw unusable(path, `${name} is true or false`);
  }
  const texts = (Array.isArray(value) ? value : [value]).map((each: unknown) => {
    if (['string', 'number', 'boolean'].includes(typeof each)) return String(each);
    throw unusable(path, `${name} is a text, or a list of texts where the flag may be repeated`);
  });
  const { parseArg } = option;
  if (parseArg === undefined) {
    if (texts.length === 1) return texts[0];
    throw unusable(path, `${name} is one text`);
  }
  // The library gives its readers a type of its own for what they have read before.
  const read = parseArg as (text: string, before: unknown) => unknown;
  let before: unknown = undefined;
  for (const text of texts) before = read(text, before);
  return before ?? option.defaultValue;
}

function unknownFlag(path: string, key: string, command: Command): CommandError {
  const names = command.options.flatMap(namesOf).filter((name) => name !== 'config');
  return unusable(
    path,
    `${JSON.stringify(key)} is no flag that it may have; there are ${names.join(' ')}`,
  );
}

function unusable(path: string, why: string): CommandError {
  return new CommandError(`cannot use the flags in ${path}: ${why}`);
}
