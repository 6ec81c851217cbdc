import {
  type JsonObject,
  type JsonValue,
  fieldOf,
  isJsonArray,
  isJsonObject,
} from '@fairway/protocol';
import { type FieldPath, parseFieldPath } from './field-path.ts';

/** Stages that cannot be used; the message says which, where and what may stand there. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

/** An object within a stage, read field by field. */
export interface StageField {
  /** Errors: for a field of another name. */
  allow(...names: readonly string[]): void;
  has(name: string): boolean;
  object(name: string): StageField | undefined;
  objects(name: string): readonly StageField[];
  text(name: string): string | undefined;
  texts(name: string): Readonly<Record<string, string>>;
  integer(name: string): number | undefined;
  isTrue(name: string): boolean;
  list(name: string): readonly JsonValue[];
  oneOf<T extends string>(name: string, known: readonly T[]): T | undefined;
  /** The path of `{ expressionFrom }`. */
  path(name: string): FieldPath | undefined;
  parsePath(text: string): FieldPath;
  json(name: string): JsonObject | undefined;
  problem(text: string): StageError;
}

/** Reads an object at a place that errors name. */
export function fieldsOf(object: JsonObject, place: string): StageField {
  const problem = (text: string): StageError => new StageError(`${place} ${text}`);
  const wrong = (name: string, wanted: string): StageError =>
    problem(`has ${name} ${JSON.stringify(fieldOf(object, name))}: write ${wanted}`);
  const value = (name: string): JsonValue | undefined => fieldOf(object, name) ?? undefined;
  const inner = (name: string): string => `${place}, ${name}`;
  const json = (name: string): JsonObject | undefined => {
    const found = value(name);
    if (found === undefined || isJsonObject(found)) return found;
    throw wrong(name, 'an object');
  };
  const list = (name: string): readonly JsonValue[] => {
    const found = value(name) ?? [];
    if (isJsonArray(found)) return found;
    throw wrong(name, 'a list');
  };
  const text = (name: string): string | undefined => {
    const found = value(name);
    if (found === undefined || typeof found === 'string') return found;
    throw wrong(name, 'a text, in quotes');
  };
  const parsePath = (path: string): FieldPath => {
    try {
      return parseFieldPath(path);
    } catch (error) {
      if (error instanceof RangeError)
        throw problem(`has a path that cannot be used: ${error.message}`);
      throw error;
    }
  };
  const object_ = (name: string): StageField | undefined => {
    const found = json(name);
    return found === undefined ? undefined : fieldsOf(found, inner(name));
  };
  return {
    allow(...names) {
      const unknown = Object.keys(object).find((name) => !names.includes(name));
      if (unknown === undefined) return;
      throw problem(
        `has an unknown field ${JSON.stringify(unknown)}: there are ${names.join(', ')}`,
      );
    },
    has: (name) => value(name) !== undefined,
    object: object_,
    objects: (name) =>
      list(name).map((each, index) => {
        if (isJsonObject(each)) return fieldsOf(each, inner(`${name}[${index}]`));
        throw wrong(name, 'a list of objects');
      }),
    text,
    texts(name) {
      const found = Object.entries(json(name) ?? {});
      if (found.every((each): each is [string, string] => typeof each[1] === 'string')) {
        return Object.fromEntries(found);
      }
      throw wrong(name, 'texts, in quotes');
    },
    integer(name) {
      const found = value(name);
      if (found === undefined) return undefined;
      if (typeof found === 'number' && Number.isSafeInteger(found) && found >= 0) return found;
      throw wrong(name, 'a whole number that is not negative');
    },
    isTrue(name) {
      const found = value(name) ?? false;
      if (typeof found === 'boolean') return found;
      throw wrong(name, 'true or false');
    },
    list,
    oneOf(name, known) {
      const found = text(name);
      const one = known.find((each) => each === found);
      if (found === undefined || one !== undefined) return one;
      throw wrong(name, known.map((each) => JSON.stringify(each)).join(', '));
    },
    path(name) {
      const source = object_(name);
      if (source === undefined) return undefined;
      source.allow('expressionFrom');
      const expression = source.text('expressionFrom');
      if (expression === undefined) throw source.problem('has no expressionFrom');
      return parsePath(expression);
    },
    parsePath,
    json,
    problem,
  };
}
