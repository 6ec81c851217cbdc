import { join, resolve } from 'node:path';
import type { DynamicObject } from '@fairway/client';
import { collectBody } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { parseManifests } from '../parse-manifests.ts';
import type { FileFlags } from './selection-flags.ts';

/** An object that somebody has written down. */
export interface Manifest {
  readonly object: DynamicObject;
  /** The file or URL; `STDIN` for the input of the command. */
  readonly source: string;
}

/** As for any file: larger ones are not what people write. */
const inputBytesMax = 16 * 1024 * 1024;

/** What files in a folder are looked at. */
const isManifestFile = /\.(json|yaml|yml)$/;

type Reading = Pick<CommandContext, 'host' | 'machineFiles' | 'input' | 'signal'>;

/**
 * The objects in files, in the files of folders, behind URLs and in the input, in their order; each file is read
 * when the objects before it have been taken. A file that cannot be read keeps nobody from the others where
 * `onFailure` takes what is wrong.
 *
 * Errors: `CommandError` for what does not exist or cannot be read as such.
 */
export async function* readManifests(
  context: Reading,
  { filename = [], recursive = false, kustomize }: FileFlags,
  onFailure: (error: unknown) => void = rethrow,
): AsyncGenerator<Manifest> {
  if (kustomize !== undefined) {
    throw new CommandError(
      `-k is not built into fairway: type kubectl kustomize ${kustomize} | fairway … -f - (kustomize build does the same)`,
    );
  }
  if (filename.filter((file) => file === '-').length > 1) {
    throw new CommandError('standard input cannot be used for multiple arguments');
  }
  for (const file of filename) {
    try {
      for await (const { source, text } of readTexts(context, file, recursive)) {
        yield* await objectsIn(source, text).catch((error: unknown) => {
          onFailure(error);
          return [];
        });
      }
    } catch (error) {
      onFailure(error);
    }
  }
}

function rethrow(error: unknown): never {
  throw error;
}

async function objectsIn(
  source: string,
  text: () => Promise<string>,
): Promise<readonly Manifest[]> {
  const objects = await parseManifests(source, await text());
  return objects.map((object) => ({ source, object }));
}

interface NamedText {
  readonly source: string;
  readonly text: () => Promise<string>;
}

async function* readTexts(
  context: Reading,
  file: string,
  isRecursive: boolean,
): AsyncGenerator<NamedText> {
  if (file === '')
    throw new CommandError('the name of a file is empty; give -f a FILE, or leave it out');
  if (file === '-') {
    yield { source: 'STDIN', text: () => readInput(context) };
  } else if (/^https?:\/\//.test(file)) {
    const { fetchText } = await import('./fetch-text.ts');
    yield { source: file, text: () => fetchText(context, file) };
  } else {
    const { files, environment } = context.host;
    const facts = await files.stat(resolve(environment.workingDirectory, file));
    if (facts === undefined)
      throw new CommandError(`the path ${JSON.stringify(file)} does not exist`);
    if (facts.isDirectory) yield* readFolder(context, file, isRecursive);
    else yield { source: file, text: () => readFile(context, file) };
  }
}

async function* readFolder(
  context: Reading,
  folder: string,
  isRecursive: boolean,
): AsyncGenerator<NamedText> {
  const { machineFiles, host } = context;
  const inFolder = (path: string): string => resolve(host.environment.workingDirectory, path);
  for (const name of (await machineFiles.list(inFolder(folder))).toSorted()) {
    const path = join(folder, name);
    const facts = await host.files.stat(inFolder(path));
    if (facts?.isDirectory === true) {
      if (isRecursive) yield* readFolder(context, path, isRecursive);
    } else if (facts !== undefined && isManifestFile.test(name)) {
      yield { source: path, text: () => readFile(context, path) };
    }
  }
}

async function readFile({ host }: Reading, file: string): Promise<string> {
  const bytes = await host.files.read(resolve(host.environment.workingDirectory, file));
  if (bytes === undefined)
    throw new CommandError(`the path ${JSON.stringify(file)} does not exist`);
  return Buffer.from(bytes).toString();
}

/** All of the input of the command. Errors: `CommandError` when it is too long. */
async function readInput({ input }: Pick<CommandContext, 'input'>): Promise<string> {
  const tooLong = (): Error =>
    new CommandError(`the input is longer than ${inputBytesMax} bytes; give it in parts`);
  return Buffer.from(await collectBody(input, { bytesMax: inputBytesMax, tooLong })).toString();
}
