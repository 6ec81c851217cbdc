import { CommandError } from '../command-error.ts';
import { compileJsonPath } from './json-path.ts';
import { formatJson, sortKeys } from './json-text.ts';

/** What is asked for with `-o`. */
export type OutputFormat =
  | { readonly kind: 'table'; readonly isWide: boolean }
  | { readonly kind: 'name' }
  /** Writes a whole object, or a List of several. */
  | { readonly kind: 'document'; readonly format: (value: unknown) => string };

/** Reads `-o`. Errors: `CommandError`. */
export async function parseOutputFormat(text: string | undefined): Promise<OutputFormat> {
  if (text === undefined || text === '') return { kind: 'table', isWide: false };
  if (text === 'wide') return { kind: 'table', isWide: true };
  if (text === 'name') return { kind: 'name' };
  const format = await documentFormat(text);
  if (format !== undefined) return { kind: 'document', format };
  throw new CommandError(
    `unable to match a printer suitable for the output format "${text}", allowed formats are: json,jsonpath,name,wide,yaml`,
  );
}

/** Reads `-o` where there is no table; undefined for what is no such format. */
export async function documentFormat(
  text: string,
): Promise<((value: unknown) => string) | undefined> {
  if (text === 'json') return (value) => `${formatJson(value)}\n`;
  if (text === 'yaml') return yamlFormat();
  const template = /^jsonpath(?:=(.*))?$/s.exec(text);
  if (template === null) return undefined;
  if ((template[1] ?? '') === '') {
    throw new CommandError(
      'template format specified but no template given; write -o jsonpath=TEMPLATE',
    );
  }
  return compileJsonPath(template[1] ?? '');
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
