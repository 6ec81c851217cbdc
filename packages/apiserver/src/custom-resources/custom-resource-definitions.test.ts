import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { ManualClock, settle, seededRandom } from '@fairway/host/testing';
import { builtInSchemas } from '@fairway/kinds/schema';
import { type Store, createMemoryStore } from '@fairway/store';
import { stampResourceVersion } from '../storage/object-bytes.ts';
import { builtInResources } from '../registry/built-in-resources.ts';
import { ResourceRegistry } from '../registry/resource-registry.ts';
import { serveCustomResources } from './custom-resource-definitions.ts';

const schemas = builtInSchemas();
const prefix = '/registry/apiextensions.k8s.io/customresourcedefinitions/';

interface Change {
  readonly generation?: number;
  readonly fields?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An established definition, as it is stored. */
function definition(kind: string, { generation = 1, fields = 1, labels = {} }: Change = {}) {
  const names = {
    kind,
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
  };
  const properties = Object.fromEntries(
    Array.from({ length: fields }, (_, index) => [`field${index}`, { type: 'string' }]),
  );
  const condition = (type: string, reason: string, message: string): object => {
    return { type, status: 'True', reason, message };
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.example.com`, uid: kind, generation, labels },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
    status: {
      acceptedNames: names,
      storedVersions: ['v1'],
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
    },
  };
}

function encode(object: object): Uint8Array {
  return Buffer.from(JSON.stringify(object));
}

async function serve(store: Store, clock: ManualClock, signal: AbortSignal) {
  const registry = new ResourceRegistry(builtInResources(schemas));
  const handler = async (): Promise<never> => assert.fail('nothing needs to be written');
  const logger = silentLogger;
  const random = seededRandom(1);
  const own = { store, registry, schemas, handler, clock, random, logger, signal };
  const served = await serveCustomResources(own);
  return { registry, ...served };
}

suite('serveCustomResources', () => {
  test('lets others have their turn while it reads hundreds of large definitions', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ stamp: stampResourceVersion, clock });
    for (let index = 0; index < 60; index++) {
      const value = encode(definition(`Kind${index}`, { fields: 5_000 }));
      await store.create(`${prefix}kind${index}s.example.com`, value);
    }
    const stopping = new AbortController();
    let turns = 0;
    let isDone = false;
    const serving = serve(store, clock, stopping.signal).finally(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    const { registry, ended } = await serving;
    assert.ok(turns > 4, `only ${turns} turns`);
    const last = registry.find('example.com', 'v1', 'kind59s');
    assert.equal(last?.schema.properties?.get('field4999')?.type, 'string');
    stopping.abort();
    await ended;
    await store.close();
  });

  test('serves the same resource until what is asked for has changed', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ stamp: stampResourceVersion, clock });
    const key = `${prefix}lamps.example.com`;
    const created = await store.create(key, encode(definition('Lamp')));
    assert.ok(created.kind === 'created');
    const stopping = new AbortController();
    const { registry, ended } = await serve(store, clock, stopping.signal);
    const find = () => registry.find('example.com', 'v1', 'lamps');
    const first = find();
    assert.ok(first);
    const labelled = encode(definition('Lamp', { labels: { a: 'b' } }));
    const updated = await store.update(key, labelled, created.entry.revision);
    assert.ok(updated.kind === 'updated');
    await settle();
    assert.equal(find(), first);
    const next = encode(definition('Lamp', { generation: 2, fields: 2 }));
    await store.update(key, next, updated.entry.revision);
    await settle();
    assert.notEqual(find(), first);
    assert.deepEqual([...(find()?.schema.properties?.keys() ?? [])].slice(0, 2), [
      'field0',
      'field1',
    ]);
    stopping.abort();
    await ended;
    await store.close();
  });
});
