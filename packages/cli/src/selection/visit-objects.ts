import { ApiError, type DynamicObject } from '@fairway/client';
import { type SelectedObject, type Selecting, placeOf, selectObjects } from './select-objects.ts';

/** What is done to each of the objects that a user means. */
export interface Visit {
  /** In the words of a message: `creating`, `deleting`. */
  readonly doing: string;
  readonly visit: (selected: SelectedObject) => Promise<void>;
}

/**
 * Does something to every object that words, files and selectors mean, one after the other, and answers how many
 * there were. What fails keeps no other from being done, and is thrown at the end.
 */
export async function visitObjects(
  task: Selecting,
  words: readonly string[],
  visit: Visit,
): Promise<number> {
  const failures: unknown[] = [];
  const selected = selectObjects(task, words, (error) => failures.push(error));
  const { signal } = task.context;
  const count = await visitEach(selected, { ...visit, failures, signal });
  throwAll(failures);
  return count;
}

/** The same with objects that are selected already; what fails goes to `failures`. */
export async function visitEach(
  objects: Iterable<SelectedObject> | AsyncIterable<SelectedObject>,
  {
    doing,
    visit,
    failures,
    signal,
  }: Visit & { readonly failures: unknown[]; readonly signal: AbortSignal },
): Promise<number> {
  let count = 0;
  for await (const selected of objects) {
    count += 1;
    try {
      await visit(selected);
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(whileDoing(doing, selected, error));
    }
  }
  return count;
}

/** All of the objects at once. Errors: those of every one that cannot be had. */
export async function collectObjects(
  task: Selecting,
  words: readonly string[],
): Promise<readonly SelectedObject[]> {
  const found: SelectedObject[] = [];
  const visit = (selected: SelectedObject): Promise<void> => {
    found.push(selected);
    return Promise.resolve();
  };
  await visitObjects(task, words, { doing: 'reading', visit });
  return found;
}

/** The object as the server has it; what a list has brought is not asked for again. Errors: `ApiError`. */
export async function latestOf(
  { client, context }: Pick<Selecting, 'client' | 'context'>,
  selected: SelectedObject,
): Promise<DynamicObject> {
  const { resource, name, object, source } = selected;
  if (object !== undefined && source === undefined) return object;
  return await client.get(resource, name, { ...placeOf(selected), signal: context.signal });
}

/** Says of a refusal which file it is about. */
export function whileDoing(doing: string, { source }: SelectedObject, error: unknown): unknown {
  if (source === undefined || !(error instanceof ApiError)) return error;
  const message = `error when ${doing} ${JSON.stringify(source)}: ${error.message}`;
  return new ApiError({ ...error.status, message }, { cause: error });
}

/** Throws what has failed, if anything has. */
export function throwAll(failures: readonly unknown[]): void {
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
}
