import { join } from 'node:path';
import { schemaReader } from '../apply/schema-reader.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { openClient } from '../connection/open-client.ts';
import { type EditFormat, headOf, textToEdit, withoutHead } from '../edit/edited-text.ts';
import { openEditor } from '../edit/open-editor.ts';
import {
  type EditFlags,
  type Editing,
  type Opened,
  kept,
  readWhole,
  saveAll,
} from '../edit/save-edited.ts';
import { selecting } from '../selection/select-objects.ts';
import { collectObjects } from '../selection/visit-objects.ts';
import { readWriting } from '../writes/write-flags.ts';

/** Lets the user edit objects, and opens the editor again with what the server has against it. */
export async function edit(
  context: CommandContext,
  words: readonly string[],
  flags: EditFlags,
): Promise<void> {
  const { output: format = 'yaml', ...others } = flags;
  if (format !== 'yaml' && format !== 'json') {
    throw new CommandError(`The flag 'output' must be one of yaml|json, and not ${format}`);
  }
  const writing = await readWriting(context, others);
  await using client = await openClient(context, flags);
  // A type alone means all objects of it.
  const all =
    words.length === 1 && words[0]?.includes('/') === false && flags.selector === undefined;
  const task = selecting(context, client, { ...flags, all });
  const opened: Opened[] = [];
  for (const selected of await collectObjects(task, words)) {
    opened.push({ selected, original: await readWhole({ client, context, flags }, selected) });
  }
  if (opened.length === 0)
    return await context.output.writeError('edit cancelled, no objects found\n');
  const editing = { context, client, writing, flags, schemaOf: schemaReader() };
  await editUntilSaved(editing, opened, format);
}

async function editUntilSaved(
  editing: Editing,
  opened: readonly Opened[],
  format: EditFormat,
): Promise<void> {
  const { context } = editing;
  const file = fileOf(context, format);
  let left = opened;
  let text = await textToEdit(
    opened.map(({ original }) => original),
    format,
  );
  let reasons: readonly string[] = [];
  for (;;) {
    const edited = await editText(context, { file, format, text, reasons });
    if (edited.trim() === '')
      return await giveUp(context, file, 'Edit cancelled, saved file was empty.');
    if (edited === text) {
      if (reasons.length === 0)
        return await giveUp(context, file, 'Edit cancelled, no changes made.');
      throw kept(file, 'Edit cancelled, no valid changes were saved.');
    }
    text = edited;
    const outcome = await saveAll(editing, left, { file, text });
    if (outcome.failed.length === 0) return await context.host.files.remove(file);
    ({ failed: left, reasons } = outcome);
  }
}

function fileOf({ host }: CommandContext, format: EditFormat): string {
  const { variables } = host.environment;
  const folder = variables['TMPDIR'] ?? variables['TEMP'] ?? '/tmp';
  const suffix = Buffer.from(host.random.bytes(6)).toString('hex');
  return join(folder, `fairway-edit-${suffix}.${format}`);
}

async function editText(
  context: CommandContext,
  {
    file,
    format,
    text,
    reasons,
  }: {
    readonly file: string;
    readonly format: EditFormat;
    readonly text: string;
    readonly reasons: readonly string[];
  },
): Promise<string> {
  const { files } = context.host;
  // JSON has no comments; what is wrong is printed then.
  const head = format === 'yaml' ? headOf(reasons) : '';
  if (format === 'json') for (const each of reasons) await context.output.writeError(`${each}\n`);
  await files.write(file, Buffer.from(head + text), { mode: 0o600 });
  try {
    await openEditor(context, file);
  } catch (error) {
    const left = await files.read(file);
    const isTouched = left !== undefined && Buffer.from(left).toString() !== head + text;
    if (!isTouched && reasons.length === 0) {
      await files.remove(file);
      throw error;
    }
    throw kept(file, error instanceof Error ? error.message : String(error), error);
  }
  const bytes = await files.read(file);
  return bytes === undefined ? '' : withoutHead(Buffer.from(bytes).toString());
}

async function giveUp(
  { output, host }: CommandContext,
  file: string,
  message: string,
): Promise<void> {
  await host.files.remove(file);
  await output.writeError(`${message}\n`);
}
