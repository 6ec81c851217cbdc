import { ObjectValue } from './object-value.ts';
import { type Value, elementsOf, isList, isMap, keysOf, valueAt } from './value.ts';

/**
 * What of an object that an expression makes is not named by where it stands: below `spec` of an `Object` stands
 * an `Object.spec`. Source: Kubernetes, cel/mutation, `CheckTypeNamesMatchFieldPathNames`.
 */
export function typeNameProblems(value: Value, expected?: string): readonly string[] {
  if (value instanceof ObjectValue) {
    const { typeName } = value;
    const name = expected ?? typeName;
    const wrong = `unexpected type name ${JSON.stringify(typeName)}, expected ${JSON.stringify(name)}, which matches field name path from root Object type`;
    const below = [...value.fields].flatMap(([field, each]) =>
      typeNameProblems(each, `${name}.${field}`),
    );
    return typeName === name ? below : [wrong, ...below];
  }
  if (expected === undefined) return [];
  if (isList(value)) return elementsOf(value).flatMap((each) => typeNameProblems(each, expected));
  if (!isMap(value)) return [];
  return keysOf(value).flatMap((key) => typeNameProblems(valueAt(value, key) ?? null, expected));
}
