import { type Client, createDiscovery } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { nothingFound } from '../output/nothing-found.ts';
import { openClient } from '../connection/open-client.ts';
import { TablePrinter } from '../output/table-printer.ts';
import { parseGetFormat } from '../get/get-format.ts';
import { type GetFlags, type GetTask, tableOptions } from '../get/get-task.ts';
import { getRaw } from '../get/get-raw.ts';
import { printObjects } from '../get/print-objects.ts';
import { parseOrder, sortedTable } from '../get/sort-objects.ts';
import {
  type NamedResources,
  parseResourceArguments,
} from '../selection/parse-resource-arguments.ts';
import { type WantedResource, resolveResources } from '../selection/resolve-resources.ts';
import { fetchTable } from '../get/fetch-resources.ts';
import { throwAll } from '../selection/visit-objects.ts';
import { watchResources } from '../get/watch-resource.ts';

/** Shows objects, as kubectl does. */
export async function get(
  context: CommandContext,
  words: readonly string[],
  flags: GetFlags,
): Promise<void> {
  if (flags.raw !== undefined) {
    if (words.length > 0) throw new CommandError('--raw takes a path and no types or names');
    await using client = await openClient(context, flags);
    return await getRaw(context, client, flags.raw);
  }
  const isOfFiles = (flags.filename ?? []).length > 0 || flags.kustomize !== undefined;
  const named = isOfFiles ? [] : parseResourceArguments(words);
  checkFlags(flags, isOfFiles, named);
  const format = await parseGetFormat(context, flags);
  const order = (flags.sortBy ?? '') === '' ? undefined : parseOrder(flags.sortBy ?? '');
  await using client = await openClient(context, flags);
  const task = { context, client, flags, format, order };
  const failures: unknown[] = [];
  const wanted = isOfFiles
    ? await wantedOfFiles(context, client, { words, flags, failures })
    : await resolveResources(createDiscovery(client), named);
  if (flags.watch === true || flags.watchOnly === true) return await watch(task, wanted, failures);
  if (format.kind === 'table') await printTables(task, wanted, failures);
  else await printObjects({ ...task, format }, wanted, failures);
  throwAll(failures);
}

function checkFlags(flags: GetFlags, isOfFiles: boolean, named: readonly NamedResources[]): void {
  const hasNames = isOfFiles || named.some(({ names }) => names.length > 0);
  if (hasNames && flags.allNamespaces === true) {
    throw new CommandError('a resource cannot be retrieved by name across all namespaces');
  }
  const hasSelector = (flags.selector ?? flags.fieldSelector ?? '') !== '';
  if (hasNames && hasSelector && !isOfFiles) {
    throw new CommandError('name cannot be provided when a selector is specified');
  }
  if (!hasNames && (flags.subresource ?? '') !== '') {
    throw new CommandError(
      'subresource cannot be used when bulk resources are specified; name an object, as in: deploy web --subresource=scale',
    );
  }
  if (!/^\d{1,9}$/.test(flags.chunkSize)) {
    throw new CommandError(
      `--chunk-size ${JSON.stringify(flags.chunkSize)} is no number of objects`,
    );
  }
}

/** What files name, as the server has it; objects of one type and namespace that follow each other are one table. */
async function wantedOfFiles(
  context: CommandContext,
  client: Client,
  { words, flags, failures }: { words: readonly string[]; flags: GetFlags; failures: unknown[] },
): Promise<readonly WantedResource[]> {
  const { selectObjects, selecting } = await import('../selection/select-objects.ts');
  const wanted: WantedResource[] = [];
  const task = selecting(context, client, flags);
  for await (const { resource, name, namespace } of selectObjects(task, words, (error) =>
    failures.push(error),
  )) {
    const last = wanted.at(-1);
    if (last?.resource === resource && last.namespace === namespace) {
      wanted[wanted.length - 1] = { ...last, names: [...last.names, name] };
    } else {
      wanted.push({ resource, names: [name], ...(namespace === undefined ? {} : { namespace }) });
    }
  }
  return wanted;
}

async function watch(
  task: GetTask,
  wanted: readonly WantedResource[],
  failures: readonly unknown[],
): Promise<void> {
  throwAll(failures);
  if (task.order !== undefined) {
    await task.context.output.writeError(
      'warning: --watch requested, --sort-by will be ignored for watch events received\n',
    );
  }
  // A watch is of one object or of all.
  const each = wanted.flatMap((one) =>
    one.names.length < 2 ? [one] : one.names.map((name) => ({ ...one, names: [name] })),
  );
  await watchResources(task, each);
}

async function printTables(
  task: GetTask,
  wanted: readonly WantedResource[],
  failures: unknown[],
): Promise<void> {
  const { context, flags } = task;
  let rows = 0;
  for (const each of wanted) {
    const printer = new TablePrinter(tableOptions(task, each, wanted.length > 1));
    const table = await fetchTable(task, each, failures);
    if (table === undefined || table.rows.length === 0) continue;
    const isFirst = rows === 0;
    rows += table.rows.length;
    await context.output.write(`${isFirst ? '' : '\n'}${printer.print(sortedTable(task, table))}`);
  }
  if (rows === 0 && failures.length === 0 && flags.ignoreNotFound !== true) {
    await context.output.writeError(nothingFound(searchedNamespace(task, wanted)));
  }
}

/** Undefined where more than one was looked at, or what has none. */
function searchedNamespace(
  { client, flags }: GetTask,
  wanted: readonly WantedResource[],
): string | undefined {
  const isNamespaced = wanted.some(({ resource }) => resource.isNamespaced);
  const isOfFiles = wanted.length === 0;
  const isInOne = (isNamespaced || isOfFiles) && flags.allNamespaces !== true;
  return isInOne ? client.namespace : undefined;
}
