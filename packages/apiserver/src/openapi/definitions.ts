import { type OpenApiSchema, builtInDefinitions } from '@fairway/kinds/schema';
import type { ServedResource } from '../registry/served-resource.ts';
import { customDefinitions } from './custom-definitions.ts';
import { type GroupVersionKind, schemaReference } from './open-api-document.ts';

/** The definitions that documents point at, by name and by kind. */
export interface Definitions {
  readonly byName: ReadonlyMap<string, OpenApiSchema>;
  /** The name of the definition of a kind; undefined when it has none. */
  nameOf(kind: GroupVersionKind): string | undefined;
}

/** Gathers the definitions of every built-in kind and of the custom ones among `resources`. */
export function gatherDefinitions(resources: readonly ServedResource[]): Definitions {
  const byName = new Map(builtInDefinitions());
  for (const resource of resources) {
    for (const [name, schema] of customDefinitions(resource)) byName.set(name, schema);
  }
  const names = new Map<string, string>();
  for (const [name, schema] of byName) {
    for (const kind of kindsOf(schema)) names.set(keyOf(kind), name);
  }
  return { byName, nameOf: (kind) => names.get(keyOf(kind)) };
}

/** The definitions that `roots` point at, directly and through others, ordered by name. */
export function reachableDefinitions(
  roots: unknown,
  { byName }: Definitions,
): Record<string, OpenApiSchema> {
  const reached = new Map<string, OpenApiSchema>();
  const pending: unknown[] = [roots];
  while (pending.length > 0) {
    forEachReference(pending.pop(), (name) => {
      const schema = byName.get(name);
      if (schema === undefined || reached.has(name)) return;
      reached.set(name, schema);
      pending.push(schema);
    });
  }
  return Object.fromEntries([...reached].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function forEachReference(value: unknown, visit: (name: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') visit(child.slice(schemaReference.length));
    else forEachReference(child, visit);
  }
}

function kindsOf(schema: OpenApiSchema): readonly GroupVersionKind[] {
  return (schema['x-kubernetes-group-version-kind'] as GroupVersionKind[] | undefined) ?? [];
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`;
}
