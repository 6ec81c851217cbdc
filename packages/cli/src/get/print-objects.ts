import type { DiscoveredResource, DynamicObject } from '@fairway/client';
import { apiVersionOf } from '@fairway/protocol';
import { typeNameOf } from '../output/type-name.ts';
import type { WantedResource } from '../selection/resolve-resources.ts';
import { ColumnsPrinter } from './custom-columns.ts';
import { fetchObjects } from './fetch-resources.ts';
import type { GetFormat } from './get-format.ts';
import type { GetTask } from './get-task.ts';
import { sortedObjects } from './sort-objects.ts';

/** Shows objects in another form than as rows of the server. What is refused goes to `failures`. */
export async function printObjects(
  task: GetTask & { readonly format: Exclude<GetFormat, { kind: 'table' }> },
  wanted: readonly WantedResource[],
  failures: unknown[],
): Promise<void> {
  const { context, format, flags } = task;
  const types = new Map<DynamicObject, DiscoveredResource>();
  for (const each of wanted) {
    const { resource } = each;
    for (const object of await fetchObjects(task, each, failures)) {
      const whole = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
      types.set(whole, resource);
    }
  }
  const found = sortedObjects(task, [...types.keys()]);
  const isOfNames = wanted.every(({ names }) => names.length > 0);
  if (format.kind === 'name') {
    const lines = found.map(
      (object) => `${typeName(types, object)}/${object.metadata?.name ?? ''}\n`,
    );
    await context.output.write(lines.join(''));
  } else if (format.kind === 'columns') {
    if (isOfNames && found.length === 0) return;
    const printer = new ColumnsPrinter(format.columns, { hasHeaders: flags.headers });
    await context.output.write(printer.print(found));
  } else {
    const isSingle = wanted.length === 1 && wanted[0]?.names.length === 1;
    if (isSingle && found.length === 0) return;
    await context.output.write(format.format(isSingle ? found[0] : listOf(found)));
  }
}

function typeName(
  types: ReadonlyMap<DynamicObject, DiscoveredResource>,
  object: DynamicObject,
): string {
  const resource = types.get(object);
  return resource === undefined ? '' : typeNameOf(resource);
}

function listOf(items: readonly unknown[]): unknown {
  return { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
}
