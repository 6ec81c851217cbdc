import { type OpenApiSchema, builtInDefinitions } from '@fairway/kinds/schema';
import { type GroupVersionKind, schemaReference } from './open-api-document.ts';

/** Finds the name of the definition of a built-in kind; undefined when it has none. */
export type DefinitionNames = (kind: GroupVersionKind) => string | undefined;

/** The definitions of the built-in kinds by name, and their names by kind. */
export interface Definitions {
  readonly byName: ReadonlyMap<string, OpenApiSchema>;
  readonly nameOf: DefinitionNames;
}

/** Reads the definitions of the built-in kinds, which takes some milliseconds. */
export function loadDefinitions(): Definitions {
  const byName = builtInDefinitions();
  const names = new Map<string, string>();
  for (const [name, schema] of byName) {
    for (const kind of kindsOf(schema)) names.set(keyOf(kind), name);
  }
  return { byName, nameOf: (kind) => names.get(keyOf(kind)) };
}

/** The names of the definitions that a value points at. */
export function referencesIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') found.add(child.slice(schemaReference.length));
    else referencesIn(child, found);
  }
  return found;
}

function kindsOf(schema: OpenApiSchema): readonly GroupVersionKind[] {
  return (schema['x-kubernetes-group-version-kind'] as GroupVersionKind[] | undefined) ?? [];
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`;
}
