import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';

const step = /\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\.)*)'\]/y;

/**
 * Where the `fieldPath` of a rule points to, below the field that the rule is of: `.a`, `.o['a-b']`,
 * `.m['key']`. Undefined when that is nowhere in the schema. Source: Kubernetes documentation,
 * "Validation rules", fieldPath.
 */
export function readFieldPath(path: string, schema: OpenApiSchema): string | undefined {
  let at = 0;
  let found: OpenApiSchema = schema;
  let read = '';
  while (at < path.length) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (match === null) return undefined;
    at += match[0].length;
    const name = match[1] ?? (match[2] ?? '').replaceAll(/\\(.)/g, '$1');
    const { properties, additionalProperties } = found;
    const property = isOpenApiSchema(properties) ? properties[name] : undefined;
    if (isOpenApiSchema(property)) {
      found = property;
      read += `.${name}`;
    } else if (isOpenApiSchema(additionalProperties)) {
      found = additionalProperties;
      read += `[${name}]`;
    } else return undefined;
  }
  return read === '' ? undefined : read;
}
