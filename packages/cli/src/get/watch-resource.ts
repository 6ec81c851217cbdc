import type { DynamicObject, Table } from '@fairway/client';
import { sleep } from '@fairway/host';
import { type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import { type GetTask, tableOptions } from './get-task.ts';
import { TablePrinter } from '../output/table-printer.ts';
import { shown } from '../output/shown-object.ts';
import { typeNameOf } from '../output/type-name.ts';
import type { WantedResource } from '../selection/resolve-resources.ts';
import { listOptions } from './fetch-resources.ts';

/** Two connections of one watch are at least so far apart. */
const pauseMs = 1_000;

/**
 * Shows objects, and then every change until the user wants an end. A server that closes the
 * connection, as all do after some minutes, is asked to go on from where it was.
 *
 * Errors: `ApiError` when the server refuses; it no longer knows what happened when it was gone for
 * too long.
 */
export async function watchResource(task: GetTask, wanted: WantedResource): Promise<void> {
  const { format, context } = task;
  try {
    await (format.kind === 'table' ? watchTable(task, wanted) : watchObjects(task, wanted));
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
}

async function watchTable(task: GetTask, wanted: WantedResource): Promise<void> {
  const { client, context, flags } = task;
  const { resource } = wanted;
  const printer = new TablePrinter(tableOptions(task, wanted, false));
  const options = selection(task, wanted);
  const first = await client.list(resource, { ...options, as: 'table' }).all();
  if (first.rows.length === 0) await requireNamed(task, wanted);
  if (flags.watchOnly !== true && first.rows.length > 0) {
    await context.output.write(printer.print(first));
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
  const first = await client.list(resource, options).all();
  if (first.items.length === 0) await requireNamed(task, wanted);
  if (flags.watchOnly !== true) for (const each of first.items) await printOne(task, wanted, each);
  let { resourceVersion } = first;
  while (!context.signal.aborted) {
    const watch = { ...options, resourceVersion, allowWatchBookmarks: true };
    const pause = atLeast(task, pauseMs);
    for await (const event of client.watch(resource, watch)) {
      resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion;
      if (event.type !== 'BOOKMARK') await printOne(task, wanted, event.object);
    }
    await pause;
  }
}

async function printOne(
  { context, format, flags }: GetTask,
  { resource }: WantedResource,
  object: DynamicObject,
): Promise<void> {
  if (format.kind === 'name') {
    await context.output.write(`${typeNameOf(resource)}/${object.metadata?.name ?? ''}\n`);
  } else if (format.kind === 'document') {
    const { kind } = resource;
    const whole = { apiVersion: apiVersionOf(resource), kind, ...object };
    await context.output.write(format.format(shown(whole, flags.showManagedFields === true)));
  }
}

// One object is watched as a collection of one.
function selection(task: GetTask, { names }: WantedResource): ReturnType<typeof listOptions> {
  const [name] = names;
  const options = listOptions(task);
  return name === undefined ? options : { ...options, fieldSelector: `metadata.name=${name}` };
}

// The server says NotFound in its own words.
async function requireNamed(
  { client }: GetTask,
  { resource, names }: WantedResource,
): Promise<void> {
  for (const name of names) await client.get(resource, name);
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
