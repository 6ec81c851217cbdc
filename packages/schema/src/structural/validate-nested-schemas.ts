import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { type FieldError, forbiddenField, required } from '@fairway/protocol';
import type { PlacedSchema } from './placed-schema.ts';

/** Keywords that say what a value is, and so may not stand below `allOf` and its like. */
const structural: readonly (readonly [keyword: string, text: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
];

/** What is wrong with the alternatives of one schema: they may only narrow values. */
export function nestedErrors(placed: PlacedSchema): readonly FieldError[] {
  return alternativesOf(placed).flatMap((each) =>
    isIntOrStringAlternative(placed, each) ? [] : narrowingErrors(each),
  );
}

function narrowingErrors(placed: PlacedSchema): readonly FieldError[] {
  const { schema, path } = placed;
  const errors = structural
    .filter(([keyword]) => schema[keyword] !== undefined && schema[keyword] !== false)
    .map(([keyword, text]) => forbiddenField(`${path}.${keyword}`, text));
  return [
    ...errors,
    ...childrenOf(placed).flatMap(({ child }) => narrowingErrors(child)),
    ...alternativesOf(placed).flatMap(narrowingErrors),
  ];
}

/** `anyOf` integer or string, alone or first below `allOf`, goes with `x-kubernetes-int-or-string`. */
function isIntOrStringAlternative({ schema, path }: PlacedSchema, nested: PlacedSchema): boolean {
  if (schema['x-kubernetes-int-or-string'] !== true) return false;
  if (nested.path.startsWith(`${path}.anyOf`)) return isIntOrString(schema['anyOf']);
  return nested.path === `${path}.allOf[0]` && isIntOrString(nested.schema['anyOf']);
}

function isIntOrString(anyOf: unknown): boolean {
  const types = Array.isArray(anyOf) ? (anyOf as OpenApiSchema[]).map(({ type }) => type) : [];
  return types.length === 2 && types[0] === 'integer' && types[1] === 'string';
}

/** What the alternatives speak of, the schema itself must know. */
export function completenessErrors(root: PlacedSchema): readonly FieldError[] {
  const { schema } = root;
  const missing = alternativesOf(root).flatMap((nested) => missingIn(root, nested));
  return [
    ...missing,
    ...childrenOf(root).flatMap(({ child }) => completenessErrors(child)),
    ...(isOpenApiSchema(schema['additionalProperties'])
      ? completenessErrors({
          schema: schema['additionalProperties'],
          path: `${root.path}.additionalProperties`,
        })
      : []),
  ];
}

function missingIn(owner: PlacedSchema, nested: PlacedSchema): readonly FieldError[] {
  const known = new Map(childrenOf(owner).map(({ step, child }) => [step, child]));
  if (owner.schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  const errors: FieldError[] = [];
  for (const { step, child } of childrenOf(nested)) {
    const match = known.get(step);
    if (match === undefined) {
      errors.push(required(`${owner.path}.${step}`, `because it is defined in ${child.path}`));
    } else {
      errors.push(...missingIn(match, child));
    }
  }
  for (const each of alternativesOf(nested)) errors.push(...missingIn(owner, each));
  return errors;
}

function alternativesOf({ schema, path }: PlacedSchema): readonly PlacedSchema[] {
  const found: PlacedSchema[] = [];
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const list = schema[keyword];
    if (!Array.isArray(list)) continue;
    list.filter(isOpenApiSchema).forEach((each, index) => {
      found.push({ schema: each, path: `${path}.${keyword}[${index}]` });
    });
  }
  if (isOpenApiSchema(schema['not'])) found.push({ schema: schema['not'], path: `${path}.not` });
  return found;
}

interface Child {
  /** `properties[spec]`, `items` */
  readonly step: string;
  readonly child: PlacedSchema;
}

function childrenOf({ schema, path }: PlacedSchema): readonly Child[] {
  const { properties, items } = schema;
  const found: Child[] = [];
  for (const [name, each] of Object.entries(isOpenApiSchema(properties) ? properties : {})) {
    const step = `properties[${name}]`;
    if (isOpenApiSchema(each))
      found.push({ step, child: { schema: each, path: `${path}.${step}` } });
  }
  if (isOpenApiSchema(items))
    found.push({ step: 'items', child: { schema: items, path: `${path}.items` } });
  return found;
}
