import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { builtInSchemas } from '@fairway/kinds/schema';
import type { JsonObject, Schema } from '@fairway/protocol';
import fc from 'fast-check';
import { createdFieldsV1 } from './written-fields.ts';
import { Drawing } from './drawing.ts';
import { exampleSchema } from './example-schema.ts';
import { FieldSet } from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';
import type { OwnedFields, Owners } from './owners.ts';
import { coversFields, touchesFields } from './touches-fields.ts';
import { updateOwners } from './update-owners.ts';
import { WriteChanges } from './write-changes.ts';

const scope = {
  reset: FieldSet.ofPaths(['f:status']),
  unowned: FieldSet.ofPaths(['f:metadata'], ['f:metadata', 'f:name']),
  convert: async () => undefined,
  giveWay: () => undefined,
};

/** An owner whose fields are asked of their text first, as those of stored entries are. */
function owner(text: string): OwnedFields {
  const json = JSON.parse(text) as JsonObject;
  return {
    fields: decodeFieldsV1(json) ?? FieldSet.empty,
    touches: (fields) => touchesFields(json, fields),
    covers: (fields) => coversFields(json, fields),
    apiVersion: 'v1',
    isApplied: false,
  };
}

interface Write {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly schema: Schema;
}

async function update(
  owners: Owners,
  owner: string,
  { before, after, schema }: Write,
): Promise<Owners> {
  const of = (object: JsonObject) => ({ object, apiVersion: 'v1', schema });
  const changes = new WriteChanges(of(before), of(after), scope);
  return (await updateOwners(owners, changes, { ...scope, owner })).owners;
}

const textsOf = (owners: Owners): object =>
  Object.fromEntries(
    [...owners].map(([owner, { fields }]) => [owner, encodeFieldsV1(fields)]).sort(),
  );

test('who owns what does not depend on whether their text was asked first', async () => {
  const pods = builtInSchemas().lookup('v1', 'Pod') ?? {};
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom(exampleSchema, pods), async (seed, schema) => {
      const drawing = new Drawing(seed);
      const [before, more, other] = [0, 1, 2].map((at) => new Drawing(seed + at).object(schema));
      const [left = {}, right = {}, third = {}] = [before, more, other];
      const after = drawing.mixed(left, right) as JsonObject;
      const created = [left, drawing.mixed(after, third) as JsonObject].map((object) =>
        createdFieldsV1(object, { schema, start: {}, ...scope }),
      );
      // Who owns nothing is no owner.
      fc.pre(!created.includes('{}'));
      const asked = new Map(created.map((text, at) => ['ab'.charAt(at), owner(text)]));
      const read = new Map(
        [...asked].map(([owner, { touches: _, covers: __, ...rest }]) => [owner, rest]),
      );
      const write = { before: left, after, schema };
      for (const owner of ['a', 'b', 'c']) {
        deepEqual(
          textsOf(await update(asked, owner, write)),
          textsOf(await update(read, owner, write)),
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('who writes again what it owns stays the owner that it was', async () => {
  const before = { name: 'a', labels: { a: '1' }, env: [{ name: 'A', value: '1' }] };
  const after = { ...before, name: 'b', env: [{ name: 'A', value: '2' }] };
  const schema = exampleSchema;
  const own = owner(createdFieldsV1(before, { schema, start: {}, ...scope }));
  const owners = await update(new Map([['a', own]]), 'a', { before, after, schema });
  equal(owners.get('a'), own);
  const { labels: _, ...without } = after;
  const left = await update(new Map([['a', own]]), 'a', { before, after: without, schema });
  equal(left.get('a')?.fields.child('f:labels').isEmpty, true);
});

test('fieldsV1 covers what it has just so', () => {
  const text = { 'f:a': { 'f:b': {} }, 'f:l': { '.': {}, 'v:1': {} } };
  const covers = (...paths: string[]): boolean =>
    coversFields(text, FieldSet.ofPaths(...paths.map((path) => path.split(' '))));
  equal(covers('f:a f:b'), true);
  equal(covers('f:l', 'f:l v:1'), true);
  equal(covers('f:l v:1'), true);
  equal(covers('f:l'), false, 'it has more below');
  equal(covers('f:a', 'f:a f:b'), false, "f:a itself is nobody's");
  equal(covers('f:c'), false);
});
