import { CommandError } from '../command-error.ts';
import { compileJsonPath, compileJsonPathAsJson } from './json-path.ts';
import { formatJson, sortKeys } from './json-text.ts';

/** What is asked for with `-o`. */
export type OutputFormat =
  | { readonly kind: 'table'; readonly isWide: boolean }
  | { readonly kind: 'name' }
  /** Writes a whole object, or a List of several. */
  | { readonly kind: 'document'; readonly format: (value: unknown) => string };

/** What formats may take beside `-o`. */
export interface FormatSources {
  /** Of `--template`. */
  readonly template?: string | undefined;
  /** Reads a file that a format names. Errors: `CommandError`. */
  readonly readFile?: (file: string) => Promise<string>;
  /** Formats that only this command has. */
  readonly ownFormats?: readonly string[];
}

/** Reads `-o`. Errors: `CommandError`. */
export async function parseOutputFormat(
  text: string | undefined,
  sources: FormatSources = {},
): Promise<OutputFormat> {
  if (text === undefined || text === '') return { kind: 'table', isWide: false };
  if (text === 'wide') return { kind: 'table', isWide: true };
  if (text === 'name') return { kind: 'name' };
  const format = await documentFormat(text, sources);
  if (format !== undefined) return { kind: 'document', format };
  const { ownFormats = [], readFile } = sources;
  const ofFiles = readFile === undefined ? [] : ['jsonpath-file'];
  const allowed = ['json', 'jsonpath', 'jsonpath-as-json', 'name', 'wide', 'yaml'];
  throw new CommandError(
    `unable to match a printer suitable for the output format "${text}", allowed formats are: ${[...ownFormats, ...allowed, ...ofFiles].sort().join(',')}`,
  );
}

/** Reads `-o` where there is no table; undefined for what is no such format. */
export async function documentFormat(
  text: string,
  sources: FormatSources = {},
): Promise<((value: unknown) => string) | undefined> {
  if (text === 'json') return (value) => `${formatJson(value)}\n`;
  if (text === 'yaml') return yamlFormat();
  const [name = '', template] = splitFormat(text);
  if (isGoTemplate.test(name)) {
    throw new CommandError(
      `templates of Go are not built into fairway: write -o jsonpath='{.metadata.name}', -o custom-columns=NAME:.metadata.name, or -o json for another program`,
    );
  }
  if (!isJsonPath.test(name) || (name === 'jsonpath-file' && sources.readFile === undefined)) {
    return undefined;
  }
  const given = template ?? sources.template ?? '';
  if (given === '') {
    throw new CommandError(
      `template format specified but no template given; write -o ${name}=${name === 'jsonpath-file' ? 'FILE' : 'TEMPLATE'}`,
    );
  }
  if (name === 'jsonpath-as-json') return compileJsonPathAsJson(given);
  return compileJsonPath(name === 'jsonpath' ? given : await fileText(given, sources));
}

const isGoTemplate = /^(go-template|go-template-file|template|templatefile)$/;
const isJsonPath = /^jsonpath(-as-json|-file)?$/;

/** `NAME=TEMPLATE`; the template is undefined where there is no `=`. */
export function splitFormat(text: string): readonly [string, string | undefined] {
  const mark = text.indexOf('=');
  return mark < 0 ? [text, undefined] : [text.slice(0, mark), text.slice(mark + 1)];
}

async function fileText(file: string, { readFile }: FormatSources): Promise<string> {
  return (await readFile?.(file)) ?? '';
}

async function yamlFormat(): Promise<(value: unknown) => string> {
  const [{ stringify }, { scalarsWritten }] = await Promise.all([
    import('yaml'),
    import('@fairway/apiserver/yaml-scalars'),
  ]);
  // As Go reads it: `yes` and `on` are booleans there unless they are quoted.
  const options = {
    version: '1.1',
    customTags: scalarsWritten,
    lineWidth: 0,
    indentSeq: false,
    aliasDuplicateObjects: false,
  } as const;
  return (value) => stringify(sortKeys(value), options);
}
