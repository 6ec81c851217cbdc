import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import {
  type FormatSources,
  type OutputFormat,
  parseOutputFormat,
  splitFormat,
} from '../output/output-format.ts';
import { type CustomColumn, parseColumnsFile, parseCustomColumns } from './custom-columns.ts';

/** What `get -o` asks for: as for other commands, or columns that the user names. */
export type GetFormat =
  | OutputFormat
  | { readonly kind: 'columns'; readonly columns: readonly CustomColumn[] };

/** Reads `-o` and `--template` of `get`. Errors: `CommandError`. */
export async function parseGetFormat(
  context: Pick<CommandContext, 'host'>,
  { output = '', template }: { readonly output?: string; readonly template?: string },
): Promise<GetFormat> {
  const sources = formatSources(context, template);
  const [name, text = template ?? ''] = splitFormat(output);
  if (name === 'custom-columns') return { kind: 'columns', columns: parseCustomColumns(text) };
  if (name === 'custom-columns-file') {
    const file = text === '' ? '' : ((await sources.readFile?.(text)) ?? '');
    return { kind: 'columns', columns: parseColumnsFile(file) };
  }
  // A template alone is one of Go, as with kubectl.
  const asked = output === '' && template !== undefined ? 'go-template' : output;
  const ownFormats = ['custom-columns', 'custom-columns-file'];
  return await parseOutputFormat(asked, { ...sources, ownFormats });
}

/** What formats may read of the machine. */
export function formatSources(
  { host }: Pick<CommandContext, 'host'>,
  template?: string,
): FormatSources {
  return {
    template,
    readFile: async (file) => {
      const bytes = await host.files.read(resolve(host.environment.workingDirectory, file));
      if (bytes !== undefined) return Buffer.from(bytes).toString();
      throw new CommandError(`error reading template ${file}: there is no such file`);
    },
  };
}
