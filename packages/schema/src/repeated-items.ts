import { type JsonValue, type Schema, duplicate, isJsonObject } from '@fairway/protocol';
import { canonicalJson } from './enum-values.ts';
import { type JudgedBy, type Judgement, stepsOfValue } from './judgement.ts';
import type { Walk } from './walk.ts';

/** Finds what an item was: only items of a list of type `map` can be told apart. */
export function storedItems(
  stored: unknown,
  schema: Schema,
  found: Judgement,
): (item: unknown) => unknown {
  if (!Array.isArray(stored) || schema.listType !== 'map') return () => undefined;
  const byKey = new Map(stored.map((item: unknown) => [keyOf(item, schema, found), item]));
  return (item) => byKey.get(keyOf(item, schema, found));
}

/** The same text for items that are the same to their list. */
function keyOf(item: unknown, schema: Schema, { effort }: Judgement): string {
  const { listType, listMapKeys = [] } = schema;
  const value = item as JsonValue;
  if (listType !== 'map' || !isJsonObject(value)) return canonicalJson(value);
  effort.add(stepsOfValue * listMapKeys.length);
  return canonicalJson(listMapKeys.map((key) => value[key] ?? null));
}

/** Notes each item that a set or a map holds again. */
export function* judgeRepetition(
  list: readonly unknown[],
  path: string,
  { schema, found }: JudgedBy,
): Walk<void> {
  if (schema.listType !== 'set' && schema.listType !== 'map') return;
  /** How often each was there before. */
  const seen = new Map<string, number>();
  for (let index = 0; index < list.length && !found.isOver; index++) {
    const key = keyOf(list[index], schema, found);
    const before = seen.get(key) ?? 0;
    // What comes a third time has been told of.
    if (before === 1) {
      found.add(duplicate(`${path}[${index}]`, keyValue(list[index] as JsonValue, schema)));
    }
    seen.set(key, before + 1);
    found.effort.add(key.length);
    if (found.effort.isPauseDue()) yield;
  }
}

function keyValue(item: JsonValue, { listType, listMapKeys = [] }: Schema): unknown {
  if (listType !== 'map' || !isJsonObject(item)) return item;
  return Object.fromEntries(listMapKeys.map((key) => [key, item[key]]));
}
