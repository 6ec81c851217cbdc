import type { DynamicObject, Table } from '@fairway/client';
import { sleep } from '@fairway/host';
import { type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import { type GetTask, tableOptions } from './get-task.ts';
import { TablePrinter } from '../output/table-printer.ts';
import { shown } from '../output/shown-object.ts';
import { typeNameOf } from '../output/type-name.ts';
import type { WantedResource } from '../selection/resolve-resources.ts';
import { ColumnsPrinter } from './custom-columns.ts';
import { listOptions, rowObjectsFor } from './fetch-resources.ts';
import { sortedObjects, sortedTable } from './sort-objects.ts';

/** Two connections of one watch are at least so far apart. */
const pauseMs = 1_000;

/**
 * Shows resources side by side, and every change of each, until the user wants an end; one that is refused ends
 * the others.
 */
export async function watchResources(
  task: GetTask,
  wanted: readonly WantedResource[],
): Promise<void> {
  const isOneOfMany = wanted.length > 1;
  const ending = new AbortController();
  const signal = AbortSignal.any([task.context.signal, ending.signal]);
  const each = { ...task, context: { ...task.context, signal } };
  await Promise.all(
    wanted.map((one) =>
      watchResource(each, one, isOneOfMany).catch((error: unknown) => {
        ending.abort();
        throw error;
      }),
    ),
  );
}

/**
 * Shows objects, and then every change until the user wants an end. A server that closes the
 * connection, as all do after some minutes, is asked to go on from where it was.
 *
 * Errors: `ApiError` when the server refuses; it no longer knows what happened when it was gone for
 * too long.
 */
async function watchResource(
  task: GetTask,
  wanted: WantedResource,
  isOneOfMany: boolean,
): Promise<void> {
  const { format, context } = task;
  try {
    await (format.kind === 'table'
      ? watchTable(task, wanted, isOneOfMany)
      : watchObjects(task, wanted));
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
}

async function watchTable(
  task: GetTask,
  wanted: WantedResource,
  isOneOfMany: boolean,
): Promise<void> {
  const { client, context, flags } = task;
  const { resource } = wanted;
  const printer = new TablePrinter(tableOptions(task, wanted, isOneOfMany));
  const options = selection(task, wanted);
  const rowsOf = { as: 'table', includeObject: rowObjectsFor(task) } as const;
  const first = await client.list(resource, { ...options, ...rowsOf }).all();
  if (first.rows.length === 0) await requireNamed(task, wanted);
  if (flags.watchOnly !== true && first.rows.length > 0) {
    await context.output.write(printer.print(sortedTable(task, first)));
  }
  let resourceVersion = first.metadata.resourceVersion ?? '';
  while (!context.signal.aborted) {
    const watch = { ...options, resourceVersion, allowWatchBookmarks: true };
    const pause = atLeast(task, pauseMs);
    for await (const event of client.watch(resource, { ...watch, as: 'table' })) {
      const table = event.object as KubernetesObject & Table;
      resourceVersion = versionIn(table) ?? resourceVersion;
      if (event.type !== 'BOOKMARK') await context.output.write(printer.print(table));
    }
    await pause;
  }
}

async function watchObjects(task: GetTask, wanted: WantedResource): Promise<void> {
  const { client, context, flags } = task;
  const { resource } = wanted;
  const options = selection(task, wanted);
  const print = objectPrinter(task, wanted);
  const first = await client.list(resource, options).all();
  if (first.items.length === 0) await requireNamed(task, wanted);
  if (flags.watchOnly !== true)
    for (const each of sortedObjects(task, first.items)) await print(each);
  let { resourceVersion } = first;
  while (!context.signal.aborted) {
    const watch = { ...options, resourceVersion, allowWatchBookmarks: true };
    const pause = atLeast(task, pauseMs);
    for await (const event of client.watch(resource, watch)) {
      resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion;
      if (event.type !== 'BOOKMARK') await print(event.object);
    }
    await pause;
  }
}

function objectPrinter(
  { context, format, flags }: GetTask,
  { resource }: WantedResource,
): (object: DynamicObject) => Promise<void> {
  const { output } = context;
  const whole = (object: DynamicObject): DynamicObject =>
    shown(
      { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object },
      flags.showManagedFields === true,
    );
  if (format.kind === 'columns') {
    const printer = new ColumnsPrinter(format.columns, { hasHeaders: flags.headers });
    return (object) => output.write(printer.print([whole(object)]));
  }
  if (format.kind === 'document') return (object) => output.write(format.format(whole(object)));
  return ({ metadata }) => output.write(`${typeNameOf(resource)}/${metadata?.name ?? ''}\n`);
}

// One object is watched as a collection of one.
function selection(
  task: GetTask,
  { names, namespace }: WantedResource,
): ReturnType<typeof listOptions> {
  const [name] = names;
  const options = { ...listOptions(task), ...(namespace === undefined ? {} : { namespace }) };
  return name === undefined ? options : { ...options, fieldSelector: `metadata.name=${name}` };
}

// The server says NotFound in its own words.
async function requireNamed(
  { client }: GetTask,
  { resource, names, namespace }: WantedResource,
): Promise<void> {
  const where = namespace === undefined ? {} : { namespace };
  for (const name of names) await client.get(resource, name, where);
}

// A server that hangs up at once is not asked without a pause.
function atLeast({ context }: GetTask, delayMs: number): Promise<void> {
  const pause = sleep(context.host.clock, delayMs, context.signal);
  // A caller that awaits the pause gets its error; one that never does must not cause an unhandled
  // rejection.
  pause.catch(() => {});
  return pause;
}

function versionIn({ metadata, rows }: Table): string | undefined {
  return rows?.at(-1)?.object?.metadata.resourceVersion ?? metadata?.resourceVersion;
}
