import { resolve } from 'node:path';
import type { DynamicObject } from '@fairway/client';
import { isJsonObject } from '@fairway/protocol';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';

/**
 * The objects in files of YAML or JSON, those in lists one by one.
 *
 * Errors: `CommandError` for a file that does not exist or cannot be read as such.
 */
export async function readManifests(
  { host }: Pick<CommandContext, 'host'>,
  files: readonly string[],
): Promise<readonly DynamicObject[]> {
  const objects: DynamicObject[] = [];
  for (const file of files) {
    const path = resolve(host.environment.workingDirectory, file);
    const facts = await host.files.stat(path);
    if (facts?.isDirectory === true) {
      throw new CommandError(`${file} is a folder; name the files in it, each with -f`);
    }
    const bytes = facts === undefined ? undefined : await host.files.read(path);
    if (bytes === undefined) throw new CommandError(`the path "${file}" does not exist`);
    objects.push(...(await parseManifests(file, Buffer.from(bytes).toString())));
  }
  return objects;
}

/** The objects in a text of YAML or JSON, as above. Errors: `CommandError` that names the file. */
export async function parseManifests(
  file: string,
  text: string,
): Promise<readonly DynamicObject[]> {
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text, { version: '1.1' });
  return [...documents].flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw new CommandError(`error parsing ${file}: ${error.message}`, { cause: error });
    }
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value === null ? [] : flatten(file, value);
  });
}

function flatten(file: string, value: unknown): readonly DynamicObject[] {
  if (!isJsonObject(value)) throw new CommandError(`${file} holds something that is no object`);
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new CommandError(`${file} holds an object without apiVersion or kind`);
  }
  if (kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item: unknown) => flatten(file, item));
  }
  return [value as unknown as DynamicObject];
}
