import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { forbiddenField, required } from '@fairway/protocol';
import type { Judgement } from '../judgement.ts';
import type { Walk } from '../walk.ts';
import { type PlacedSchema, alternativesOf } from './placed-schema.ts';

/** Keywords that say what a value is, and so may not stand below `allOf` and its like. */
const structural: readonly (readonly [keyword: string, text: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

/** For each alternative, and each schema that has some. */
const stepsOfAlternative = 200;

/** What is wrong with the alternatives of one schema: they may only narrow values. */
export function* collectNestedErrors(placed: PlacedSchema, found: Judgement): Walk<void> {
  for (const each of alternativesOf(placed)) {
    if (!isIntOrStringAlternative(placed, each)) yield* collectNarrowingErrors(each, found);
  }
}

function* collectNarrowingErrors(placed: PlacedSchema, found: Judgement): Walk<void> {
  const { schema, path } = placed;
  if (found.isOver) return;
  found.effort.add(stepsOfAlternative);
  if (found.effort.isPauseDue()) yield;
  for (const [keyword, text] of structural) {
    if (schema[keyword] !== undefined && schema[keyword] !== false) {
      found.add(forbiddenField(`${path}.${keyword}`, text));
    }
  }
  if (isOpenApiSchema(schema['properties']) && schema['properties']['metadata'] !== undefined) {
    const text = 'must not be specified in a nested context';
    found.add(forbiddenField(`${path}.properties[metadata]`, text));
  }
  for (const child of childrenOf(placed).values()) yield* collectNarrowingErrors(child, found);
  for (const each of alternativesOf(placed)) yield* collectNarrowingErrors(each, found);
}

/** `anyOf` integer or string, alone or first below `allOf`, is how integers or strings are written. */
function isIntOrStringAlternative({ schema, path }: PlacedSchema, nested: PlacedSchema): boolean {
  if (nested.path.startsWith(`${path}.anyOf`)) return isIntOrString(schema['anyOf']);
  return nested.path === `${path}.allOf[0]` && isIntOrString(nested.schema['anyOf']);
}

function isIntOrString(anyOf: unknown): boolean {
  const types = Array.isArray(anyOf) ? (anyOf as OpenApiSchema[]).map(({ type }) => type) : [];
  return types.length === 2 && types[0] === 'integer' && types[1] === 'string';
}

/**
 * What the alternatives of the root speak of, the root itself must know. A kube-apiserver asks this
 * of no schema further in.
 */
export function* collectCompletenessErrors(root: PlacedSchema, found: Judgement): Walk<void> {
  const children = childrenOf(root);
  for (const nested of alternativesOf(root)) {
    yield* collectMissing({ root, children }, nested, found);
  }
}

/** A schema and what it knows, found once for all its alternatives. */
interface Owner {
  readonly root: PlacedSchema;
  readonly children: Children;
}

function* collectMissing(owner: Owner, nested: PlacedSchema, found: Judgement): Walk<void> {
  const { root, children } = owner;
  if (found.isOver) return;
  found.effort.add(stepsOfAlternative);
  if (found.effort.isPauseDue()) yield;
  for (const [step, child] of childrenOf(nested)) {
    const match = children.get(step);
    if (match === undefined) {
      found.add(required(`${root.path}.${step}`, `because it is defined in ${child.path}`));
    } else {
      const inner = { root: match, children: childrenOf(match) };
      found.effort.add(stepsOfAlternative * inner.children.size);
      yield* collectMissing(inner, child, found);
    }
  }
  for (const each of alternativesOf(nested)) yield* collectMissing(owner, each, found);
}

/** By step: `properties[spec]`, `items`. */
type Children = ReadonlyMap<string, PlacedSchema>;

function childrenOf({ schema, path }: PlacedSchema): Children {
  const { properties, items } = schema;
  const found = new Map<string, PlacedSchema>();
  for (const [name, each] of Object.entries(isOpenApiSchema(properties) ? properties : {})) {
    const step = `properties[${name}]`;
    if (isOpenApiSchema(each)) found.set(step, { schema: each, path: `${path}.${step}` });
  }
  if (isOpenApiSchema(items)) found.set('items', { schema: items, path: `${path}.items` });
  return found;
}
