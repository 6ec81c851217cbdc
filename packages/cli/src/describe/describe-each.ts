import type { Client } from '@fairway/client';
import { Semaphore } from '@fairway/host';
import { ApiError, type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import type { Describer } from './describer.ts';
import { describeObject } from './describe-object.ts';
import { describerFor } from './describer-table.ts';
import { fetchRelated } from './fetch-related.ts';
import { momentOf } from './moment.ts';

export interface DescribeTask {
  readonly context: CommandContext;
  readonly client: Client;
  readonly chunkSize: number;
  readonly showsEvents: boolean;
}

/** Objects of which is asked for what has to do with them, at the same time. */
const objectsMax = 8;

/**
 * Prints the description of each object, in their order, and answers why some cannot be described, each reason once.
 * `before` stands before each but the first, and `after` after each.
 */
export async function describeEach(
  task: DescribeTask,
  objects: readonly SelectedObject[],
  { before, after }: { readonly before: string; readonly after: string },
): Promise<readonly unknown[]> {
  const { output } = task.context;
  const failures = new Map<string, unknown>();
  const warned = new Set<string>();
  let printed = 0;
  for await (const one of inOrder(objects, (each) => describeOne(task, each))) {
    if ('failure' in one) {
      failures.set(one.failure.message, one.failure);
      continue;
    }
    // kubectl says that there are none.
    const warning = one.missingEvents;
    if (warning !== undefined && !warned.has(warning)) {
      await output.writeError(`Warning: events are missing: ${warning}\n`);
      warned.add(warning);
    }
    await output.write(`${printed === 0 ? '' : before}${one.text}${after}`);
    printed += 1;
  }
  return [...failures.values()];
}

type Description =
  | { readonly text: string; readonly missingEvents: string | undefined }
  | { readonly failure: Error };

async function describeOne(task: DescribeTask, selected: SelectedObject): Promise<Description> {
  const { client, context, chunkSize, showsEvents } = task;
  const { signal, host } = context;
  try {
    const describer = await describerFor(selected.resource);
    const object = await readObject(task, describer, selected);
    const options = { signal, chunkSize, showsEvents };
    const related = await fetchRelated(client, describer, object, options);
    const moment = momentOf(host);
    const text = describeObject(describer, object, related, moment);
    return { text, missingEvents: related.events?.refusal?.message };
  } catch (error) {
    if (error instanceof ApiError || error instanceof CommandError) return { failure: error };
    // Nobody has checked whether what the server sent is of its kind.
    const isOdd = error instanceof TypeError || error instanceof RangeError;
    if (isOdd) return { failure: malformed(selected, error) };
    throw error;
  }
}

/** The object in the version of its describer; what a list has brought in it is not asked for again. */
async function readObject(
  { client, context }: DescribeTask,
  { resource }: Describer,
  selected: SelectedObject,
): Promise<KubernetesObject> {
  const { object, source, name } = selected;
  const isListed = object !== undefined && source === undefined;
  if (isListed && apiVersionOf(resource) === apiVersionOf(selected.resource)) return object;
  const { signal } = context;
  const found = await client.get(resource, name, { ...placeOf(selected), signal });
  return { ...found, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function malformed({ resource, name }: SelectedObject, cause: Error): CommandError {
  return new CommandError(
    `the server sent a ${resource.kind} ${JSON.stringify(name)} that is none (${cause.message}); see it with: fairway get ${resource.plural} ${name} -o yaml`,
    { cause },
  );
}

/** Works on some items at a time, and gives what comes of them in their order. */
async function* inOrder<Item, Outcome>(
  items: readonly Item[],
  work: (item: Item) => Promise<Outcome>,
): AsyncGenerator<Outcome> {
  const some = new Semaphore(objectsMax);
  const pending = items.map((item) => some.run(() => work(item)));
  // Whoever leaves early does not wait for the rest, which may fail then.
  for (const each of pending) each.catch(() => {});
  for (const each of pending) yield await each;
}
