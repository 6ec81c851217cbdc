import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { openBuiltInOpenApi } from '@fairway/kinds/open-api';
import { type OpenApiSchema, builtInSchemas } from '@fairway/kinds/schema';
import { customResources } from '../custom-resources/custom-resource.ts';
import { builtInResources } from '../registry/built-in-resources.ts';
import { ResourceRegistry } from '../registry/resource-registry.ts';
import { BuiltInDocuments } from './built-in-open-api.ts';
import { OpenApiDocuments } from './open-api-documents.ts';

const builtIn = builtInSchemas();

interface Setup {
  readonly clock: ManualClock;
  readonly registry: ResourceRegistry;
  readonly documents: OpenApiDocuments;
}

function setUp(): Setup {
  const clock = new ManualClock();
  const registry = new ResourceRegistry(builtInResources(builtIn));
  return { clock, registry, documents: new OpenApiDocuments({ registry: registry, clock: clock }) };
}

function define(registry: ResourceRegistry, kind: string, schema: OpenApiSchema): void {
  const plural = `${kind.toLowerCase()}s`;
  const definition: CustomResourceDefinition = {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  };
  const schemas = { schemaOf: () => schema, objectMeta: {} };
  const parts = { clock: new ManualClock(), random: seededRandom(1) };
  registry.replaceCustom(plural, customResources(definition, schemas, parts));
}

function wideSchema(fields: number): OpenApiSchema {
  const properties: Record<string, object> = {};
  for (let index = 0; index < fields; index++) {
    properties[`field${index}`] = { type: 'string', description: 'x'.repeat(100), maxLength: 63 };
  }
  return { type: 'object', properties: { spec: { type: 'object', properties } } };
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

suite('OpenApiDocuments', () => {
  test('makes a document once for all who ask for it meanwhile', async () => {
    const { registry, documents } = setUp();
    define(registry, 'One', wideSchema(10));
    const first = documents.swagger('protobuf');
    assert.equal(documents.swagger('protobuf'), first);
    await first;
    assert.equal(documents.swagger('protobuf'), first);
  });

  test('makes of a changed definition its own parts only', async () => {
    const { registry, documents } = setUp();
    define(registry, 'One', wideSchema(10));
    define(registry, 'Other', wideSchema(10));
    for (const form of ['json', 'protobuf'] as const) {
      const before = await documents.swagger(form);
      define(registry, 'Other', wideSchema(11));
      const after = await documents.swagger(form);
      assert.notEqual(after.hash, before.hash);
      const kept = new Set(before.pieces);
      const fresh = after.pieces.filter((each) => !kept.has(each));
      const share = sizeOf(fresh) / sizeOf(after.pieces);
      assert.ok(share < 0.1, `${share} of ${form} was made again`);
      define(registry, 'Other', wideSchema(10));
    }
    const before = await documents.at('apis/apps/v1', 'json');
    define(registry, 'Other', wideSchema(12));
    assert.equal(await documents.at('apis/apps/v1', 'json'), before);
  });

  test('lets others have their turn while it makes the parts of large definitions', async () => {
    const { registry, documents } = setUp();
    for (let index = 0; index < 20; index++) define(registry, `Kind${index}`, wideSchema(2_000));
    let turns = 0;
    let isDone = false;
    const made = documents.swagger('protobuf').finally(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await made;
    assert.ok(turns > 4, `only ${turns} turns`);
  });

  test('lets go of all that nobody asked for in minutes', async () => {
    const { registry, documents, clock } = setUp();
    define(registry, 'One', wideSchema(10));
    const before = await documents.swagger('json');
    await clock.advance(4 * 60_000);
    assert.equal(await documents.swagger('json'), before);
    await clock.advance(6 * 60_000);
    const after = await documents.swagger('json');
    assert.equal(after.hash, before.hash);
    const kept = new Set(before.pieces);
    assert.equal(after.pieces.filter((each) => each.length > 1 && kept.has(each)).length, 0);
  });

  test('opens what built-in documents are made of once, and again after it was let go of', async () => {
    const clock = new ManualClock();
    let opened = 0;
    const registry = new ResourceRegistry(builtInResources(builtIn));
    const builtInParts = new BuiltInDocuments(registry, () => {
      opened++;
      return openBuiltInOpenApi();
    });
    const documents = new OpenApiDocuments({ registry, clock }, builtInParts);
    await documents.index();
    await documents.swagger('json');
    assert.equal(opened, 1);
    await clock.advance(6 * 60_000);
    await documents.at('version', 'json');
    assert.equal(opened, 2);
  });

  test('forgets a document of resources that are served no more', async () => {
    const { registry, documents } = setUp();
    define(registry, 'One', wideSchema(10));
    assert.ok(await documents.at('apis/example.com/v1', 'json'));
    registry.replaceCustom('ones', []);
    assert.equal(await documents.at('apis/example.com/v1', 'json'), undefined);
  });
});
