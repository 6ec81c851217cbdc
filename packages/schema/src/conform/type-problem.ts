import { goStringTypes } from '@fairway/kinds/schema';
import { type Schema, jsonTypeOf } from '@fairway/protocol';
import { type Walk, writtenAs } from './conform-walk.ts';
import { isNumber } from '../json-value.ts';

/** Notes that a value is not of the type of its schema, in the words of Go; answers the value. */
export function reportType(value: unknown, schema: Schema, walk: Walk): unknown {
  return reportMismatch(value, goTypeOf(schema), walk);
}

/** The same for a type that Go has for what the schema only describes. */
export function reportMismatch(value: unknown, expected: string, walk: Walk): unknown {
  if (walk.typeError === undefined) {
    const showsDigits = isNumber(value) && /^u?int/.test(expected);
    if (showsDigits && walk.isUnstructured && !Number.isInteger(Number(value))) {
      walk.typeError = `cannot convert float64 to ${expected}`;
      return value;
    }
    const found = showsDigits ? `number ${writtenAs(walk) ?? value}` : jsonTypeOf(value);
    const { field, stringType } = goFieldAt(walk);
    const type = expected === 'string' ? stringType : expected;
    walk.typeError = `json: cannot unmarshal ${found} into Go struct field ${field} of type ${type}`;
  }
  return value;
}

/**
 * What Go calls the place: the struct that the field is in, then all fields from the root. Keys of
 * maps and places in lists are not among them.
 */
function goFieldAt({ kind, root, path }: Walk): {
  readonly field: string;
  readonly stringType: string;
} {
  let owner = `v1.${kind}`;
  let schema: Schema | undefined = root;
  const fields: string[] = [];
  for (const step of path) {
    const property: Schema | undefined = schema?.properties?.get(step);
    if (property === undefined) {
      schema = schema?.items ?? schema?.additionalProperties;
      continue;
    }
    owner = schema?.goType ?? owner;
    const embedded = schema?.embedded?.get(step);
    if (embedded !== undefined) fields.push(embedded);
    fields.push(step);
    schema = property;
  }
  const isItself = schema?.type === 'string';
  return {
    field: `${owner.split('.').at(-1)}.${fields.join('.')}`,
    stringType: (isItself && goStringTypes.get(`${owner}.${fields.at(-1)}`)) || 'string',
  };
}

function goTypeOf(schema: Schema): string {
  switch (schema.type) {
    case 'integer':
      return schema.format ?? 'int64';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'array':
      return `[]${goTypeOf(schema.items ?? {})}`;
    case 'object':
      return schema.additionalProperties === undefined
        ? (schema.goType ?? 'object')
        : `map[string]${goTypeOf(schema.additionalProperties)}`;
    case 'string':
      return schema.format === 'byte' ? '[]uint8' : 'string';
    default:
      return schema.type ?? 'interface {}';
  }
}
