import type { Schema } from '@fairway/protocol';

import { schemaJson } from './generated/schema-data.ts';
import { goNames } from './go-names.ts';
import { linkSchema } from './link-schema.ts';
import { nullFields } from './null-fields.ts';
import {
  type EncodedSchema,
  type EncodedSchemas,
  type OpenApiSchema,
  decodeDefinition,
  decodeSchema,
} from './schema-encoding.ts';

export { goStringTypes } from './go-names.ts';
export { linkDefinitions } from './link-schema.ts';
export { type OpenApiSchema, isOpenApiSchema } from './schema-encoding.ts';

/** The schemas of the built-in kinds, linked as they are asked for. */
export interface BuiltInSchemas {
  /** The schema of a kind; `undefined` when it is not a built-in one. */
  lookup(apiVersion: string, kind: string): Schema | undefined;
  /** The schema of a definition: `io.k8s.api.core.v1.PodSpec`. */
  definition(name: string): Schema | undefined;
}

/** Opens the schemas of the built-in kinds. Call it once: each call links its own. */
export function builtInSchemas(): BuiltInSchemas {
  const { nodes, definitions } = JSON.parse(schemaJson) as EncodedSchemas;
  const encoded = byName(definitions);
  const linked = new Map<string, Schema>();
  const linkedNodes: Schema[] = [];
  const linkNode = (index: number): Schema =>
    (linkedNodes[index] ??= linkSchema(decodeSchema(nodes[index] ?? {}), resolve));

  function resolve(name: string): Schema {
    const known = linked.get(name);
    if (known !== undefined) return known;
    const definition = encoded.get(name);
    if (definition === undefined)
      throw new Error(`no definition ${name} among the built-in schemas`);
    const { p: fields, z: pointers, ...rest } = definition;
    const draft: { -readonly [K in keyof Schema]: Schema[K] } = {};
    linked.set(name, draft);
    const own = { ...decodeSchema(rest), ...jsonForms[name] };
    linkSchema(fields === undefined ? own : { ...own, properties: {} }, resolve, draft);
    if (fields === undefined) return draft;
    const properties = new Map<string, Schema>();
    draft.properties = properties;
    for (const [field, index] of Object.entries(fields as Readonly<Record<string, number>>)) {
      properties.set(field, linkNode(index));
    }
    if (keptEmpty[name] !== undefined) draft.keepsEmpty = keptEmpty[name];
    if (nullFields[name] !== undefined) draft.writesNull = nullFields[name];
    draft.keepsZero = keepsZero(draft, String(pointers ?? '').split(' '));
    Object.assign(draft, goNames(name, properties.keys()));
    return draft;
  }

  const kinds = kindIndex(encoded);
  return {
    lookup: (apiVersion, kind) => {
      const name = kinds.get(`${apiVersion}/${kind}`);
      return name === undefined ? undefined : resolve(name);
    },
    definition: (name) => (encoded.has(name) ? resolve(name) : undefined),
  };
}

/** The first, when absent, is filled in, and empty refused; the others are stored as JSON, which tells both. */
const keptEmpty: Readonly<Record<string, ReadonlySet<string>>> = {
  'io.k8s.api.autoscaling.v2.HPAScalingRules': new Set(['policies']),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus':
    new Set(['conditions', 'storedVersions']),
};

/** Pointers in Go, and what Go writes in any case. */
function keepsZero(
  { required = [], properties = new Map() }: Schema,
  pointers: readonly string[],
): ReadonlySet<string> {
  const kept = new Set([...pointers, ...required]);
  for (const [field, { default: value }] of properties) {
    if (value === '' || value === 0 || value === false) kept.add(field);
  }
  return kept;
}

/** The OpenAPI v3 definitions of the built-in kinds by name, without descriptions. */
export function builtInDefinitions(): ReadonlyMap<string, OpenApiSchema> {
  const { nodes, definitions } = JSON.parse(schemaJson) as EncodedSchemas;
  const decodedNodes = nodes.map(decodeSchema);
  return new Map(
    [...byName(definitions)].map(([name, encoded]) => [
      name,
      decodeDefinition(encoded, decodedNodes),
    ]),
  );
}

const inExtensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const items = { $ref: `#/components/schemas/${inExtensions}.JSONSchemaProps` };

/** What OpenAPI cannot say of a few definitions, in the words of `Schema`. */
const jsonForms: Readonly<Record<string, OpenApiSchema>> = {
  [`${inExtensions}.JSONSchemaPropsOrArray`]: { format: 'schema-or-list', items },
  [`${inExtensions}.JSONSchemaPropsOrBool`]: { format: 'schema-or-boolean', items },
  [`${inExtensions}.JSONSchemaPropsOrStringArray`]: { format: 'schema-or-names', items },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string', format: 'quantity' },
  // Whatever is there is kept, and judged where it is used.
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': {
    type: undefined,
    'x-kubernetes-preserve-unknown-fields': true,
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': { format: 'micro-time' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { 'x-kubernetes-int-or-string': true },
};

function byName(definitions: EncodedSchemas['definitions']): Map<string, EncodedSchema> {
  const all = new Map<string, EncodedSchema>();
  for (const [inPackage, types] of Object.entries(definitions)) {
    for (const [type, encoded] of Object.entries(types)) all.set(`${inPackage}.${type}`, encoded);
  }
  return all;
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function kindIndex(encoded: ReadonlyMap<string, EncodedSchema>): Map<string, string> {
  const index = new Map<string, string>();
  for (const [name, { g }] of encoded) {
    for (const { group, version, kind } of (g as readonly GroupVersionKind[] | undefined) ?? []) {
      index.set(group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`, name);
    }
  }
  return index;
}
