import type { OpenApiSchema } from '@fairway/kinds/schema';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type { PlacedSchema } from './placed-schema.ts';

/** What is wrong with `x-kubernetes-list-type`, `-list-map-keys` and `-map-type` of one schema. */
export function listTypeErrors(placed: PlacedSchema): readonly FieldError[] {
  const { schema, path } = placed;
  const listType = schema['x-kubernetes-list-type'];
  const mapType = schema['x-kubernetes-map-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  const hasKeys = Array.isArray(keys) && keys.length > 0;
  const errors: FieldError[] = [];
  const field = `${path}.x-kubernetes-list-type`;
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(String(listType))) {
    errors.push(unsupported(field, listType, ['atomic', 'set', 'map']));
  }
  if (listType !== undefined && schema['type'] !== 'array') {
    errors.push(typeError(placed, 'must be array if x-kubernetes-list-type is specified'));
  }
  if (hasKeys && listType !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(
      listType === undefined ? required(field, text) : invalidValue(field, listType, text),
    );
  }
  if (mapType !== undefined && !['atomic', 'granular'].includes(String(mapType))) {
    errors.push(unsupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  if (mapType !== undefined && schema['type'] !== 'object') {
    errors.push(typeError(placed, 'must be object if x-kubernetes-map-type is specified'));
  }
  if (listType !== 'map' && listType !== 'set') return errors;
  errors.push(...itemErrors(placed, listType));
  if (listType === 'set') return errors;
  return [...errors, ...keyErrors(placed, hasKeys ? (keys as string[]) : [])];
}

function typeError({ schema, path }: PlacedSchema, text: string): FieldError {
  const { type } = schema;
  return type === undefined
    ? required(`${path}.type`, text)
    : invalidValue(`${path}.type`, type, text);
}

/** What items must be for the list to tell them apart. */
function itemErrors(
  { schema, path }: PlacedSchema,
  listType: 'set' | 'map',
): readonly FieldError[] {
  const items = schema['items'] as OpenApiSchema | undefined;
  const errors: FieldError[] = [];
  if (items?.['nullable'] === true) {
    const text = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbiddenField(`${path}.items.nullable`, text));
  }
  if (listType === 'map') return errors;
  const kept = { array: 'x-kubernetes-list-type', object: 'x-kubernetes-map-type' } as const;
  const keyword = kept[items?.['type'] as keyof typeof kept];
  // A list is atomic unless it says otherwise, and a map is not.
  const mode = items?.[keyword] ?? (keyword === kept.array ? 'atomic' : null);
  if (keyword === undefined || mode === 'atomic') return errors;
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  errors.push(invalidValue(`${path}.items.${keyword}`, mode, text));
  return errors;
}

function keyErrors({ schema, path }: PlacedSchema, keys: readonly string[]): readonly FieldError[] {
  const field = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) {
    return [required(field, 'must not be empty if x-kubernetes-list-type is map')];
  }
  const items = schema['items'] as OpenApiSchema | undefined;
  if (items?.['type'] !== 'object') {
    const text = "must be object if parent array's x-kubernetes-list-type is map";
    return items === undefined ? [] : [invalidValue(`${path}.items.type`, items['type'], text)];
  }
  const properties = (items['properties'] ?? {}) as Readonly<Record<string, OpenApiSchema>>;
  const wanted = new Set((items['required'] ?? []) as readonly string[]);
  const errors: FieldError[] = [];
  if (new Set(keys).size < keys.length) {
    errors.push(invalidValue(field, keys, 'must not contain duplicate entries'));
  }
  for (const key of keys) {
    const property = properties[key];
    const at = `${path}.items.properties[${key}]`;
    if (property === undefined) {
      errors.push(invalidValue(field, keys, 'entries must all be names of item properties'));
    } else if (property['type'] === 'array' || property['type'] === 'object') {
      errors.push(
        invalidValue(
          `${at}.type`,
          property['type'],
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      );
    } else if (!wanted.has(key) && property['default'] === undefined) {
      const text =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(`${at}.default`, text));
    } else if (property['nullable'] === true) {
      const text = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbiddenField(`${at}.nullable`, text));
    }
  }
  return errors;
}
