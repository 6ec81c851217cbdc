import { type DynamicObject, createDiscovery } from '@fairway/client';
import { apiVersionOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { openClient } from '../connection/open-client.ts';
import { parseOutputFormat } from '../output/output-format.ts';
import { TablePrinter } from '../output/table-printer.ts';
import { type GetFlags, type GetTask, tableOptions } from '../get/get-task.ts';
import { getRaw } from '../get/get-raw.ts';
import { parseResourceArguments } from '../selection/parse-resource-arguments.ts';
import { typeNameOf } from '../output/type-name.ts';
import { type WantedResource, resolveResources } from '../selection/resolve-resources.ts';
import { fetchObjects, fetchTable } from '../get/fetch-resources.ts';
import { throwAll } from '../selection/visit-objects.ts';
import { watchResource } from '../get/watch-resource.ts';

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
  const named = parseResourceArguments(words);
  checkFlags(
    flags,
    named.some(({ names }) => names.length > 0),
  );
  const format = await parseOutputFormat(flags.output);
  await using client = await openClient(context, flags);
  const wanted = await resolveResources(createDiscovery(client), named);
  const task = { context, client, flags, format };
  if (flags.watch === true || flags.watchOnly === true) return await watchOne(task, wanted);
  if (format.kind === 'table') return await printTables(task, wanted);
  await printObjects(task, wanted);
}

function checkFlags(flags: GetFlags, hasNames: boolean): void {
  if (hasNames && flags.allNamespaces === true) {
    throw new CommandError('a resource cannot be retrieved by name across all namespaces');
  }
  const hasSelector = (flags.selector ?? flags.fieldSelector ?? '') !== '';
  if (hasNames && hasSelector) {
    throw new CommandError('name cannot be provided when a selector is specified');
  }
  if (!/^\d{1,9}$/.test(flags.chunkSize)) {
    throw new CommandError(
      `--chunk-size ${JSON.stringify(flags.chunkSize)} is no number of objects`,
    );
  }
}

async function watchOne(task: GetTask, wanted: readonly WantedResource[]): Promise<void> {
  const [only] = wanted;
  if (only === undefined || wanted.length > 1 || only.names.length > 1) {
    throw new CommandError(
      'you may only specify a single resource type, or one name, with --watch',
    );
  }
  await watchResource(task, only);
}

async function printTables(task: GetTask, wanted: readonly WantedResource[]): Promise<void> {
  const { context, flags } = task;
  const failures: unknown[] = [];
  let rows = 0;
  for (const each of wanted) {
    const printer = new TablePrinter(tableOptions(task, each, wanted.length > 1));
    const table = await fetchTable(task, each, failures);
    if (table === undefined || table.rows.length === 0) continue;
    const isFirst = rows === 0;
    rows += table.rows.length;
    await context.output.write(`${isFirst ? '' : '\n'}${printer.print(table)}`);
  }
  if (rows === 0 && failures.length === 0 && flags.ignoreNotFound !== true) {
    await context.output.writeError(`${nothingFound(task, wanted)}\n`);
  }
  throwAll(failures);
}

function nothingFound({ client, flags }: GetTask, wanted: readonly WantedResource[]): string {
  const isNamespaced = wanted.some(({ resource }) => resource.isNamespaced);
  if (!isNamespaced || flags.allNamespaces === true) return 'No resources found';
  return `No resources found in ${client.namespace} namespace.`;
}

async function printObjects(task: GetTask, wanted: readonly WantedResource[]): Promise<void> {
  const { context, format } = task;
  const failures: unknown[] = [];
  const found: DynamicObject[] = [];
  for (const each of wanted) {
    const objects = await fetchObjects(task, each, failures);
    if (format.kind === 'name') {
      const type = typeNameOf(each.resource);
      const lines = objects.map(({ metadata }) => `${type}/${metadata?.name ?? ''}\n`);
      await context.output.write(lines.join(''));
    } else {
      const { kind } = each.resource;
      for (const object of objects)
        found.push({ apiVersion: apiVersionOf(each.resource), kind, ...object });
    }
  }
  const isSingle = wanted.length === 1 && wanted[0]?.names.length === 1;
  if (format.kind === 'document' && !(isSingle && found.length === 0)) {
    await context.output.write(format.format(isSingle ? found[0] : listOf(found)));
  }
  throwAll(failures);
}

function listOf(items: readonly unknown[]): unknown {
  return { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
}
