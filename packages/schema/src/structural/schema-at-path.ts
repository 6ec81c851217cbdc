import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';

/** The part of a schema that a path leads to, or why there is none. */
export type FoundSchema =
  | { readonly kind: 'found'; readonly schema: OpenApiSchema }
  | { readonly kind: 'none'; readonly problem: string };

/**
 * Follows a path such as `.spec.replicas` through the properties of a schema. Lists cannot be
 * entered. Source: apiextensions, `ValidFieldPath`.
 */
export function schemaAtPath(root: OpenApiSchema, path: string): FoundSchema {
  let schema = root;
  for (let rest = path; rest !== '';) {
    const step = /^\.([^.[\]]+)|^\['((?:[^'\\]|\\.)*)'\]/.exec(rest);
    if (step === null) return none(problemOf(rest));
    const name = step[1] ?? (step[2] ?? '').replaceAll(/\\(.)/g, '$1');
    const { properties, additionalProperties } = schema;
    const next = isOpenApiSchema(properties) ? properties[name] : additionalProperties;
    if (!isOpenApiSchema(next)) return none('does not refer to a valid field');
    schema = next;
    rest = rest.slice(step[0].length);
  }
  return { kind: 'found', schema };
}

function problemOf(rest: string): string {
  if (/^\[\d+\]/.test(rest)) return 'array notation is not allowed';
  const token = /^[^.[\]]*/.exec(rest)?.[0] ?? '';
  return `expected [ or . but got: ${token === '' ? rest : token}`;
}

function none(problem: string): FoundSchema {
  return { kind: 'none', problem };
}
