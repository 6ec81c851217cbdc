import { type DynamicObject, type Table, isNotFound } from '@fairway/client';
import { ApiError } from '@fairway/protocol';
import { shown } from '../output/shown-object.ts';
import type { WantedResource } from '../selection/resolve-resources.ts';
import type { GetTask } from './get-task.ts';

/**
 * The rows of what is wanted. What is refused goes to `failures`, and the rest is shown; undefined
 * when there is nothing to show.
 */
export async function fetchTable(
  task: GetTask,
  { resource, names }: WantedResource,
  failures: unknown[],
): Promise<Table | undefined> {
  const { client, flags } = task;
  if (names.length === 0) {
    const list = client.list(resource, { ...listOptions(task), as: 'table' });
    return await orRefused(list.all(), failures);
  }
  let whole: Table | undefined;
  for (const name of names) {
    const table = await orRefused(
      client.get(resource, name, { as: 'table', signal: task.context.signal }),
      failures,
      flags.ignoreNotFound,
    );
    if (table !== undefined) {
      whole = { ...table, rows: [...(whole?.rows ?? []), ...table.rows] };
    }
  }
  return whole;
}

/** The objects that are wanted. What is refused goes to `failures`. */
export async function fetchObjects(
  task: GetTask,
  { resource, names }: WantedResource,
  failures: unknown[],
): Promise<readonly DynamicObject[]> {
  const { client, flags } = task;
  if (names.length === 0) {
    const list = await orRefused(client.list(resource, listOptions(task)).all(), failures);
    return (list?.items ?? []).map((object) => shown(object, flags.showManagedFields === true));
  }
  const objects: DynamicObject[] = [];
  for (const name of names) {
    const reading = client.get(resource, name, { signal: task.context.signal });
    const object = await orRefused(reading, failures, flags.ignoreNotFound);
    if (object !== undefined) objects.push(shown(object, flags.showManagedFields === true));
  }
  return objects;
}

/** Which objects of a collection are asked for. */
export function listOptions({ flags, context }: GetTask): {
  readonly signal: AbortSignal;
  readonly limit: number;
  readonly allNamespaces?: boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
} {
  return {
    signal: context.signal,
    limit: Number(flags.chunkSize),
    ...(flags.allNamespaces === undefined ? {} : { allNamespaces: flags.allNamespaces }),
    ...(flags.selector === undefined ? {} : { labelSelector: flags.selector }),
    ...(flags.fieldSelector === undefined ? {} : { fieldSelector: flags.fieldSelector }),
  };
}

async function orRefused<T>(
  pending: Promise<T>,
  failures: unknown[],
  ignoresNotFound = false,
): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!ignoresNotFound || !isNotFound(error)) failures.push(error);
    return undefined;
  }
}
