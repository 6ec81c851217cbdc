import { type Field, ObjectType, type Type, listType, mapType, stringType } from '../type.ts';

/** A type that has these fields and no others. */
export function declareObject(name: string, fields: Readonly<Record<string, Type>>): ObjectType {
  const declared = Object.entries(fields).map(([key, type]): readonly [string, Field] => [
    key,
    { key, type },
  ]);
  return new ObjectType(name, new Map(declared));
}

/** The same type for each of these fields. */
export function fieldsOf(type: Type, ...names: readonly string[]): Readonly<Record<string, Type>> {
  return Object.fromEntries(names.map((name) => [name, type]));
}

export const textsType: Type = listType(stringType);
/** Of what is known of a user beside: each name has several values. */
export const extraType: Type = mapType(stringType, textsType);
export const stringMapType: Type = mapType(stringType, stringType);
