import { basename, join, resolve } from 'node:path';
import { isUtf8 } from 'node:buffer';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';

/** Where the data of a config map or secret are from. */
export interface DataFlags {
  readonly fromFile?: readonly string[];
  readonly fromLiteral?: readonly string[];
  readonly fromEnvFile?: readonly string[];
}

type Machine = Pick<CommandContext, 'host' | 'machineFiles'>;

/**
 * The data that flags name, by their keys.
 *
 * Errors: `CommandError` for what does not exist, for a key that is none and for one that comes twice.
 */
export async function readData(
  machine: Machine,
  { fromFile = [], fromLiteral = [], fromEnvFile = [] }: DataFlags,
): Promise<ReadonlyMap<string, Buffer>> {
  if (fromEnvFile.length > 0 && fromFile.length + fromLiteral.length > 0) {
    throw new CommandError('from-env-file cannot be combined with from-file or from-literal');
  }
  const data = new Map<string, Buffer>();
  const add = (key: string, value: Buffer): void => {
    checkKey(key);
    if (data.has(key)) {
      throw new CommandError(
        `cannot add key "${key}", another key by that name already exists in Data; name each once`,
      );
    }
    data.set(key, value);
  };
  for (const literal of fromLiteral) add(...readLiteral(literal));
  for (const source of fromFile) {
    for (const [key, path] of await filesOf(machine, source)) add(key, await read(machine, path));
  }
  for (const file of fromEnvFile) {
    const text = (await read(machine, file)).toString();
    for (const [key, value] of readVariables(file, text, machine)) add(key, value);
  }
  return data;
}

/** Whether JSON can hold it as text. */
export function isText(value: Buffer): boolean {
  return isUtf8(value);
}

function checkKey(key: string): void {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && key !== '..') return;
  throw new CommandError(
    `"${key}" is not a valid key name: a valid config key must consist of alphanumeric characters, '-', '_' or '.'; give another one with --from-file=KEY=FILE`,
  );
}

function readLiteral(literal: string): [string, Buffer] {
  const mark = literal.indexOf('=');
  if (mark <= 0) throw new CommandError(`invalid literal source ${literal}, expected key=value`);
  const value = literal.slice(mark + 1);
  // As for kubectl, whose users quote inside of shells that keep quotes.
  const quoted = /^(["'])(.*)\1$/s.exec(value);
  return [literal.slice(0, mark), Buffer.from(quoted?.[2] ?? value)];
}

/** `FILE`, `KEY=FILE` or a folder, whose files have their names as keys. */
async function filesOf(
  machine: Machine,
  source: string,
): Promise<readonly (readonly [string, string])[]> {
  const mark = source.indexOf('=');
  if (mark === 0) throw new CommandError(`key name for file path ${source.slice(1)} missing`);
  if (mark === source.length - 1) {
    throw new CommandError(`file path for key name ${source.slice(0, mark)} missing`);
  }
  const path = source.slice(mark + 1);
  const place = placeOf(machine, path);
  const facts = await machine.host.files.stat(place);
  if (facts === undefined)
    throw new CommandError(`error reading ${path}: no such file or directory`);
  if (!facts.isDirectory) return [[mark > 0 ? source.slice(0, mark) : basename(path), path]];
  if (mark > 0) {
    throw new CommandError(
      'cannot give a key name for a directory path; leave the key out, and each file is named by its own name',
    );
  }
  const names = (await machine.machineFiles.list(place)).toSorted();
  const files: (readonly [string, string])[] = [];
  for (const name of names) {
    const inside = await machine.host.files.stat(join(place, name));
    if (inside?.isDirectory === false) files.push([name, join(path, name)]);
  }
  return files;
}

/** Lines of `KEY=VALUE`; a key alone has the value of the variable. Source: kubectl. */
function* readVariables(
  file: string,
  text: string,
  { host }: Machine,
): Generator<readonly [string, Buffer]> {
  for (const [at, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trimStart().replace(/\r$/, '');
    if (line === '' || line.startsWith('#')) continue;
    const mark = line.indexOf('=');
    const key = mark < 0 ? line : line.slice(0, mark);
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key)) {
      throw new CommandError(
        `${file}:${at + 1}: "${key}" is not a valid key name: a variable has letters, digits, '_', '-' and '.', and begins with no digit`,
      );
    }
    const value = mark < 0 ? (host.environment.variables[key] ?? '') : line.slice(mark + 1);
    yield [key, Buffer.from(value)];
  }
}

async function read(machine: Machine, path: string): Promise<Buffer> {
  const bytes = await machine.host.files.read(placeOf(machine, path));
  if (bytes === undefined)
    throw new CommandError(`error reading ${path}: no such file or directory`);
  return Buffer.from(bytes);
}

/** The text of a file that a flag names. Errors: `CommandError`. */
export async function readNamedFile(machine: Machine, path: string): Promise<string> {
  return (await read(machine, path)).toString();
}

function placeOf({ host }: Machine, path: string): string {
  return resolve(host.environment.workingDirectory, path);
}
