import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, type JsonValue, isJsonArray, isJsonObject } from '@fairway/protocol';
import fc from 'fast-check';
import { applyOwners } from './apply-owners.ts';
import { exampleSchema as schema } from './example-schema.ts';
import { FieldSet } from './field-set.ts';
import { encodeFieldsV1 } from './fields-v1.ts';
import type { ConvertObject, Owners, VersionedObject, WriteScope } from './owners.ts';
import { formatPath } from './path-element.ts';
import { updateOwners } from './update-owners.ts';
import { WriteChanges } from './write-changes.ts';

/** An object and its owners, as writes follow each other. */
class Written {
  object: JsonObject = {};
  owners: Owners = new Map();
  readonly #scope: WriteScope;

  constructor(scope: Partial<WriteScope> = {}) {
    this.#scope = {
      reset: FieldSet.empty,
      unowned: FieldSet.empty,
      convert: async () => undefined,
      giveWay: () => undefined,
      ...scope,
    };
  }

  /** The conflicts, if any: then nothing has changed. */
  async apply(
    owner: string,
    config: JsonObject,
    { force = false, apiVersion = 'v1' } = {},
  ): Promise<readonly string[]> {
    const live = await this.#in(apiVersion);
    const applied = await applyOwners(this.owners, { owner, live, config, force }, this.#scope);
    if (applied.kind === 'conflicts') {
      return applied.conflicts.map((each) => `${each.owner} ${formatPath(each.path)}`);
    }
    this.object = (await this.#back({ ...live, object: applied.object })).object;
    this.owners = applied.owners;
    return [];
  }

  async update(owner: string, object: JsonObject): Promise<void> {
    const before = { object: this.object, apiVersion: 'v1', schema };
    const changes = new WriteChanges(before, { ...before, object }, this.#scope);
    const { owners } = await updateOwners(this.owners, changes, { ...this.#scope, owner });
    [this.object, this.owners] = [object, owners];
  }

  get fields(): Record<string, JsonObject> {
    return Object.fromEntries(
      [...this.owners].map(([owner, { fields }]) => [owner, JSON.parse(encodeFieldsV1(fields))]),
    );
  }

  async #in(apiVersion: string): Promise<VersionedObject> {
    const stored = { object: this.object, apiVersion: 'v1', schema };
    return apiVersion === 'v1'
      ? stored
      : ((await this.#scope.convert(stored, apiVersion)) ?? stored);
  }

  async #back(object: VersionedObject): Promise<VersionedObject> {
    return object.apiVersion === 'v1'
      ? object
      : ((await this.#scope.convert(object, 'v1')) ?? object);
  }
}

test('who applies another value than somebody owns is refused, and may take the field by force', async () => {
  const written = new Written();
  await written.apply('a', { labels: { x: '1', y: '1' } });
  deepEqual(await written.apply('b', { labels: { x: '2', z: '2' } }), ['a .labels.x']);
  deepEqual(written.object, { labels: { x: '1', y: '1' } });
  deepEqual(await written.apply('b', { labels: { x: '2' } }, { force: true }), []);
  deepEqual(written.fields, { a: { 'f:labels': { 'f:y': {} } }, b: { 'f:labels': { 'f:x': {} } } });
});

test('who applies the same value shares the field, and it stays until both have left it', async () => {
  const written = new Written();
  await written.apply('a', { name: 'n' });
  await written.apply('b', { name: 'n' });
  await written.apply('a', {});
  deepEqual(written.object, { name: 'n' });
  await written.apply('b', {});
  deepEqual(written.object, {});
  equal(written.owners.size, 0);
});

test('what an update has made stays when who applied it leaves it out', async () => {
  const written = new Written();
  await written.apply('a', { labels: { x: '1' } });
  await written.update('u', { labels: { x: '1', y: '1' } });
  await written.apply('a', {});
  deepEqual(written.object, { labels: { y: '1' } });
  deepEqual(written.fields, { u: { 'f:labels': { 'f:y': {} } } });
});

test('an update takes what it changes from its owners, and what it removes from all', async () => {
  const written = new Written();
  await written.apply('a', { name: 'n', count: 1, labels: { x: '1' } });
  await written.update('u', { name: 'm', labels: { x: '1' } });
  deepEqual(written.fields, { a: { 'f:labels': { 'f:x': {} } }, u: { 'f:name': {} } });
});

test('items of a list are owned one by one, with the defaults of their keys', async () => {
  const written = new Written();
  await written.apply('a', { ports: [{ port: 80, name: 'web' }] });
  await written.apply('b', { ports: [{ port: 80, protocol: 'UDP', name: 'dns' }] });
  const conflicts = await written.apply('c', { ports: [{ port: 80, name: 'other' }] });
  deepEqual(conflicts, ['a .ports[port=80,protocol="TCP"].name']);
  await written.apply('a', { ports: [] });
  deepEqual(written.object, { ports: [{ port: 80, protocol: 'UDP', name: 'dns' }] });
});

test('what a write resets belongs to nobody for it, and nobody conflicts about it', async () => {
  const reset = FieldSet.ofPaths(['f:struct']);
  const written = new Written({ reset });
  await written.apply('a', { name: 'n', struct: { a: 'x' } });
  deepEqual(written.fields, { a: { 'f:name': {} } });
  deepEqual(await written.apply('b', { struct: { a: 'y' } }), []);
});

/** In v2 the name is a title. */
const renamed: ConvertObject = async ({ object }, apiVersion) => {
  if (apiVersion === 'v1') {
    const { title, ...rest } = object;
    return { object: title === undefined ? rest : { ...rest, name: title }, apiVersion, schema };
  }
  if (apiVersion !== 'v2') return undefined;
  const { name, ...rest } = object;
  const converted = name === undefined ? rest : { ...rest, title: name };
  const properties = new Map(schema.properties).set('title', { type: 'string' });
  return { object: converted, apiVersion, schema: { ...schema, properties } };
};

test('owners in several versions meet at the same field', async () => {
  const written = new Written({ convert: renamed });
  await written.apply('a', { name: 'n' });
  deepEqual(await written.apply('b', { title: 'm' }, { apiVersion: 'v2' }), ['a .name']);
  await written.apply('b', { title: 'm' }, { apiVersion: 'v2', force: true });
  deepEqual(written.object, { name: 'm' });
  deepEqual(written.fields, { b: { 'f:title': {} } });
  await written.apply('c', { name: 'm' });
  await written.apply('b', {}, { apiVersion: 'v2' });
  deepEqual(written.object, { name: 'm' });
  await written.apply('c', {});
  deepEqual(written.object, {});
});

test('who moves on to another version leaves nothing behind', async () => {
  const written = new Written({ convert: renamed });
  await written.apply('a', { title: 'm', count: 1 }, { apiVersion: 'v2' });
  await written.apply('a', { name: 'm' });
  deepEqual(written.object, { name: 'm' });
  deepEqual(written.fields, { a: { 'f:name': {} } });
});

test('owners in a version that is no more are forgotten', async () => {
  const written = new Written({ convert: renamed });
  written.object = { name: 'n' };
  const fields = FieldSet.ofPaths(['f:name']);
  written.owners = new Map([['old', { fields, apiVersion: 'v0', isApplied: true }]]);
  deepEqual(await written.apply('a', { name: 'm' }), []);
  deepEqual(Object.keys(written.fields), ['a']);
});

const letters = fc.constantFrom('a', 'b', 'c');
const someConfig: fc.Arbitrary<JsonObject> = fc.record(
  {
    name: letters,
    count: fc.integer({ min: 0, max: 2 }),
    labels: fc.dictionary(letters, letters, { minKeys: 1 }),
    struct: fc.record({ a: letters, b: letters }, { requiredKeys: ['a'] }),
    selector: fc.dictionary(letters, letters, { minKeys: 1 }),
    names: fc.uniqueArray(letters, { minLength: 1 }),
    atomic: fc.array(letters, { minLength: 1, maxLength: 3 }),
    ports: fc.uniqueArray(
      fc.record(
        { port: fc.constantFrom(80, 443), protocol: fc.constantFrom('TCP', 'UDP'), name: letters },
        { requiredKeys: ['port', 'protocol'] },
      ),
      { minLength: 1, selector: ({ port, protocol }) => `${port} ${protocol}` },
    ),
    any: fc.dictionary(
      letters,
      fc.oneof(letters, fc.dictionary(letters, letters, { minKeys: 1 })),
      {
        minKeys: 1,
      },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

test('to apply the same again changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(someConfig, someConfig, async (other, config) => {
      const written = new Written();
      await written.update('u', other);
      await written.apply('a', config, { force: true });
      const { object, fields } = written;
      deepEqual(await written.apply('a', config), []);
      deepEqual([written.object, written.fields], [object, fields]);
    }),
  );
});

test('two that do not conflict agree in either order', async () => {
  await fc.assert(
    fc.asyncProperty(someConfig, someConfig, async (one, other) => {
      const [forward, backward] = [new Written(), new Written()];
      await forward.apply('a', one);
      const conflicts = await forward.apply('b', other);
      await backward.apply('b', other);
      const others = await backward.apply('a', one);
      equal(conflicts.length === 0, others.length === 0);
      if (conflicts.length > 0) return;
      deepEqual(withoutOrder(forward.object), withoutOrder(backward.object));
      deepEqual(forward.fields, backward.fields);
    }),
  );
});

test('what nobody owns any more goes, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(someConfig, someConfig, async (one, other) => {
      const [both, alone] = [new Written(), new Written()];
      await both.apply('a', one);
      if ((await both.apply('b', other)).length > 0) return;
      await both.apply('a', {});
      await alone.apply('b', other);
      deepEqual(withoutNothing(both.object), withoutNothing(alone.object));
      deepEqual(both.fields, alone.fields);
      await both.apply('b', {});
      deepEqual(withoutNothing(both.object), undefined);
    }),
  );
});

/** The items of lists are in the order of who came last. */
function withoutOrder(value: JsonValue): JsonValue {
  if (isJsonArray(value))
    return value
      .map(withoutOrder)
      .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withoutOrder(each)]),
  );
}

/** Without null, and what holds nothing else: what writing the object leaves out. */
function withoutNothing(value: JsonValue): JsonValue | undefined {
  if (value === null) return undefined;
  if (!isJsonObject(value)) return isJsonArray(value) ? withoutOrder(value) : value;
  const fields = Object.entries(value).flatMap(([name, each]) => {
    const kept = withoutNothing(each);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
