import {
  type DynamicObject,
  type Form,
  type InForm,
  type Table,
  type TableOptions,
  isNotFound,
} from '@fairway/client';
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
  wanted: WantedResource,
  failures: unknown[],
): Promise<Table | undefined> {
  const { client, flags } = task;
  const { resource, names } = wanted;
  const rowsOf = { as: 'table', includeObject: rowObjectsFor(task) } as const;
  if (names.length === 0) {
    const list = client.list(resource, { ...listOptions(task), ...rowsOf });
    return await orRefused(list.all(), failures);
  }
  let whole: Table | undefined;
  for (const name of names) {
    const table = await orRefused(
      getOne(task, wanted, name, rowsOf),
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
  wanted: WantedResource,
  failures: unknown[],
): Promise<readonly DynamicObject[]> {
  const { client, flags } = task;
  const { resource, names } = wanted;
  if (names.length === 0) {
    const list = await orRefused(client.list(resource, listOptions(task)).all(), failures);
    return (list?.items ?? []).map((object) => shown(object, flags.showManagedFields === true));
  }
  const objects: DynamicObject[] = [];
  for (const name of names) {
    const reading = getOne(task, wanted, name, {});
    const object = await orRefused(reading, failures, flags.ignoreNotFound);
    if (object !== undefined) objects.push(shown(object, flags.showManagedFields === true));
  }
  return objects;
}

/** What is sorted by may be in no column. */
export function rowObjectsFor({ order }: GetTask): 'Metadata' | 'Object' {
  return order === undefined ? 'Metadata' : 'Object';
}

/** One object, or the part of it that `--subresource` names. */
function getOne<F extends Form = 'object'>(
  { client, context, flags }: GetTask,
  { resource, namespace }: WantedResource,
  name: string,
  form: TableOptions & { readonly as?: F },
): Promise<InForm<DynamicObject, F>> {
  const where = namespace === undefined ? {} : { namespace };
  const options = { ...form, signal: context.signal };
  const { subresource = '' } = flags;
  return subresource === ''
    ? client.get(resource, name, { ...options, ...where })
    : client.subresource(resource, name, subresource, where).get(options);
}

/** Which objects of a collection are asked for. */
export function listOptions({ flags, context }: GetTask): {
  readonly signal: AbortSignal;
  readonly limit: number;
  readonly allNamespaces?: boolean;
  readonly namespace?: string;
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
