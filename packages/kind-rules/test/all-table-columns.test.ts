import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { builtInDiscovery } from '@fairway/kinds/discovery';
import { metadataWords } from '@fairway/kinds/metadata-words';
import { builtInSchemas } from '@fairway/kinds/schema';
import { type Schema, apiVersionOf } from '@fairway/protocol';
import * as fc from 'fast-check';
import { tableNowMs } from './row-of.ts';
import { allTableColumns } from '../src/all-table-columns.ts';

interface GoldenColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
}

const goldenFile = new URL('./fixtures/table-columns.json', import.meta.url);
const golden = new Map(
  Object.entries(
    JSON.parse(readFileSync(goldenFile, 'utf8')) as Readonly<Record<string, GoldenColumn[]>>,
  ),
);

test('allTableColumns has exactly the resources that a cluster lists', () => {
  deepEqual([...allTableColumns.keys()].sort(), [...golden.keys()].sort());
});

const ofKubernetes = new Set<string>(Object.values(metadataWords));

for (const [resource, columns] of golden) {
  test(`allTableColumns shows ${resource} in the columns of a cluster`, () => {
    const table = allTableColumns.get(resource);
    deepEqual(
      table?.columns.map(({ name, type, format, priority }) => ({ name, type, format, priority })),
      columns.map(({ name, type, format, priority }) => ({ name, type, format, priority })),
    );
    for (const { description } of table?.columns ?? []) {
      ok(ofKubernetes.has(description) || /^[A-Z].*\.$/.test(description), description);
    }
  });
}

test('allTableColumns gives every column one cell, whatever an object has and lacks', () => {
  const schemas = builtInSchemas();
  const kinds = kindsByResource();
  const property = fc.property(fc.noBias(fc.integer()), (seed) => {
    const chance = seededRandom(seed).fraction;
    for (const [resource, table] of allTableColumns) {
      const apiVersion = resource.slice(0, resource.lastIndexOf('/'));
      const schema = schemas.lookup(apiVersion, kinds.get(resource) ?? '');
      ok(schema, resource);
      const cells = table.cells(growFields(schema, { chance, depth: 11 }), tableNowMs);
      equal(cells.length, table.columns.length, resource);
      for (const [place, cell] of cells.entries()) {
        const told = `${resource}: ${table.columns[place]?.name} is ${cell}`;
        ok(['string', 'number', 'boolean'].includes(typeof cell), told);
        ok(!/undefined|null|NaN|\[object/.test(String(cell)), told);
      }
    }
  });
  fc.assert(property, { numRuns: 100 });
});

function kindsByResource(): ReadonlyMap<string, string> {
  return new Map(
    builtInDiscovery().flatMap(({ group, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources.map(({ plural, kind }) => [
          `${apiVersionOf({ group, version })}/${plural}`,
          kind,
        ]),
      ),
    ),
  );
}

interface Growth {
  readonly chance: () => number;
  readonly depth: number;
}

/** A value of this shape, with few sensible values and some nulls. */
function grow(schema: Schema, growth: Growth): unknown {
  const { chance, depth } = growth;
  if (depth === 0 || chance() < 0.03) return null;
  switch (schema.isIntOrString === true ? 'integer' : schema.type) {
    case 'string':
      return pick(schema.format === 'quantity' ? quantities : texts(schema), chance);
    case 'integer':
    case 'number':
      return pick([0, 1, -1, 7, 2 ** 31], chance);
    case 'boolean':
      return chance() < 0.5;
    case 'array': {
      const items = Array.from({ length: Math.floor(chance() * 5) });
      return items.map(() => grow(schema.items ?? {}, { chance, depth: depth - 1 }));
    }
    default:
      return growFields(schema, growth);
  }
}

/** Any of the fields; of a kind that holds itself, the fewer the deeper. */
function growFields(schema: Schema, { chance, depth }: Growth): object {
  const fields = fieldsOf(schema).filter(([, field]) => {
    return chance() < (field.properties?.has('properties') === true ? 0.05 : 0.7);
  });
  return Object.fromEntries(
    fields.map(([name, field]) => [name, grow(field, { chance, depth: depth - 1 })]),
  );
}

function fieldsOf({ properties, additionalProperties }: Schema): readonly [string, Schema][] {
  if (additionalProperties === undefined) return [...(properties ?? [])];
  const names = ['a', 'storage', 'limits.cpu', '__proto__', 'node-role.kubernetes.io/'];
  return names.map((name) => [name, additionalProperties]);
}

function texts(schema: Schema): readonly unknown[] {
  return [...(schema.enum ?? []), ...times, ...words];
}

const times = ['2026-11-22T11:59:00Z', '2030-01-01T00:00:00.000001Z', 'yesterday'];
const metricTypes = ['Resource', 'ContainerResource', 'Pods', 'Object', 'External'];
const words = ['', 'a', 'In', 'Always', 'Ready', 'True', 'Completed', ...metricTypes];
const quantities = ['1Gi', '100m', '1024Mi', '', '-1', 'many'];

function pick<T>(choices: readonly T[], chance: () => number): T | undefined {
  return choices[Math.floor(chance() * choices.length)];
}
