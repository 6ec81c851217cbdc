import type { Table } from '@fairway/client';
import { type JsonPathStep, compareQuantities, parseQuantity } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { readFieldPath, valuesAt } from '../output/json-path.ts';

/** An order by a field of objects. */
export interface Order {
  readonly text: string;
  readonly path: readonly JsonPathStep[];
}

/** What is to be sorted, if it is. */
export interface Sorting {
  readonly order: Order | undefined;
}

/** Reads `--sort-by`. Errors: `CommandError`. */
export function parseOrder(text: string): Order {
  return { text, path: readFieldPath(text) };
}

/**
 * Sorts by the first value that the field has: numbers, amounts such as `500Mi`, and texts, times among them. What
 * has no value comes first; equals stay as they were. `objectOf` says where the object of an element is.
 *
 * Errors: `CommandError` where nothing has the field, or what it has is in no order.
 */
function sortBy<T>(
  { text, path }: Order,
  elements: readonly T[],
  objectOf: (element: T) => unknown,
): readonly T[] {
  const keyed = elements.map((element) => {
    const [key] = valuesAt(path, objectOf(element));
    if (key !== undefined && key !== null && !isOrdered(key)) throw unsortable(text, key);
    return { element, key };
  });
  if (elements.length > 1 && keyed.every(({ key }) => key === undefined)) {
    throw new CommandError(
      `couldn't find any field with path "{.${text.replace(/^\{?\.?|\}$/g, '')}}" in the list of objects; -o json shows what fields there are`,
    );
  }
  return keyed.sort((one, other) => compare(one.key, other.key)).map(({ element }) => element);
}

/** The rows of a table in the order that is asked for. */
export function sortedTable({ order }: Sorting, table: Table): Table {
  if (order === undefined) return table;
  return { ...table, rows: sortBy(order, table.rows, ({ object }) => object) };
}

/** Objects in the order that is asked for. */
export function sortedObjects<T>({ order }: Sorting, objects: readonly T[]): readonly T[] {
  return order === undefined ? objects : sortBy(order, objects, (object) => object);
}

function isOrdered(value: unknown): value is string | number | bigint {
  return ['string', 'number', 'bigint'].includes(typeof value);
}

function unsortable(text: string, value: unknown): CommandError {
  const what = Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : typeof value;
  return new CommandError(
    `cannot sort by ${text}: it is ${what}; name a field that holds a number or a text`,
  );
}

function compare(one: unknown, other: unknown): number {
  if (!isOrdered(one) || !isOrdered(other))
    return Number(isOrdered(one)) - Number(isOrdered(other));
  if (typeof one === 'string' && typeof other === 'string') {
    const [left, right] = [parseQuantity(one), parseQuantity(other)];
    if (left !== undefined && right !== undefined) return compareQuantities(left, right);
  }
  return one < other ? -1 : one > other ? 1 : 0;
}
