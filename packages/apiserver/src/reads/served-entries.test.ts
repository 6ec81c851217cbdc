import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ApiError, type KubernetesObject, badRequest } from '@fairway/protocol';
import type { StoreEntry, WatchBatch } from '@fairway/store';
import type { Conversion } from '../registry/conversion.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { encodeForStore, stampResourceVersion } from '../storage/object-bytes.ts';
import { noteWritten, serveBatch, serveEntries, serveEntry } from './served-entries.ts';

interface Converting {
  readonly resource: ServedResource;
  /** How many objects each call was given. */
  readonly calls: readonly number[];
}

/** A resource that converts so, and tells how often it was asked. */
function converting(
  convert: (objects: readonly KubernetesObject[]) => readonly KubernetesObject[],
  { isStorageVersion = true } = {},
): Converting {
  const calls: number[] = [];
  const fromStored: Conversion = async (objects) => {
    calls.push(objects.length);
    return convert(objects);
  };
  const asStored = isStorageVersion ? { asStored: new WeakSet<StoreEntry>() } : {};
  const storage = { prefix: '/', apiVersion: 'v1', fromStored, ...asStored };
  const resource = { storage, plural: 'lamps', group: 'example.com', version: 'v2' };
  return { resource: resource as unknown as ServedResource, calls };
}

const asTheyAre = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] => objects;
const withField = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.map((object) => ({ ...object, added: true }));

function entryOf(name: string, revision = 1, padding = ''): StoreEntry {
  const object = { kind: 'Lamp', apiVersion: 'v1', metadata: { name, uid: name }, padding };
  const value = stampResourceVersion(encodeForStore(object), revision);
  return { key: `/${name}`, value, revision, createRevision: 1 };
}

const isAdded = ({ value }: StoreEntry): boolean => JSON.parse(String(value)).added === true;

suite('served entries', () => {
  test('are those of the store, without a promise, where nothing is converted', () => {
    const resource = { storage: { prefix: '/', apiVersion: 'v1' } } as unknown as ServedResource;
    const entries = [entryOf('a')];
    assert.equal(serveEntries(resource, entries), entries);
    const batch = { revision: 1, events: [] };
    assert.equal(serveBatch(resource, batch, { withPrevious: true }), batch);
  });

  test('are those of the store once a conversion has left them as they are', async () => {
    const { resource, calls } = converting(asTheyAre);
    const entries = [entryOf('a'), entryOf('b')];
    assert.equal(await serveEntries(resource, entries), entries);
    assert.deepEqual(calls, [2]);
    assert.equal(serveEntries(resource, entries), entries);
    assert.equal(await serveEntry(resource, entries[0] as StoreEntry), entries[0]);
    assert.deepEqual(calls, [2]);
  });

  test('are those of the store after a write of the same resource, and of no other', async () => {
    const [{ resource, calls }, later] = [converting(withField), converting(withField)];
    const entries = [entryOf('a')];
    noteWritten(resource, entries[0] as StoreEntry);
    assert.equal(serveEntries(resource, entries), entries);
    assert.deepEqual(calls, []);
    assert.ok((await serveEntries(later.resource, entries)).every(isAdded));
  });

  test('are converted with each read where that changes them, and only these', async () => {
    const { resource, calls } = converting(withField);
    const [known, other] = [entryOf('a'), entryOf('b', 7)];
    noteWritten(resource, known);
    for (let read = 0; read < 2; read++) {
      const [first, second] = await serveEntries(resource, [known, other]);
      assert.equal(first, known);
      assert.ok(second !== undefined && isAdded(second));
      assert.equal(JSON.parse(String(second.value)).metadata.resourceVersion, '7');
    }
    assert.deepEqual(calls, [1, 1]);
  });

  test('of another version are always converted', async () => {
    const { resource, calls } = converting(asTheyAre, { isStorageVersion: false });
    await serveEntries(resource, [entryOf('a')]);
    await serveEntries(resource, [entryOf('a')]);
    assert.deepEqual(calls, [1, 1]);
  });

  test('are converted some megabyte of them at once', async () => {
    const { resource, calls } = converting(withField);
    const entries = Array.from({ length: 6 }, (_, at) => entryOf(`${at}`, 1, 'x'.repeat(400_000)));
    const served = await serveEntries(resource, entries);
    assert.deepEqual(calls, [3, 3]);
    assert.deepEqual(
      served.map(({ key }) => key),
      entries.map(({ key }) => key),
    );
  });

  test('fail as a page when one cannot be converted, or is missing from the answer', async () => {
    const refusing = converting(() => {
      throw badRequest('conversion webhook failed');
    });
    const failed = Promise.resolve(serveEntries(refusing.resource, [entryOf('a')]));
    await assert.rejects(failed, /conversion webhook failed/);
    const { resource } = converting((objects) => objects.slice(1));
    const short = Promise.resolve(serveEntries(resource, [entryOf('a'), entryOf('b')]));
    await assert.rejects(
      short,
      (error) =>
        error instanceof ApiError &&
        error.status.code === 500 &&
        error.message ===
          'the conversion of lamps to example.com/v2 answered 1 objects, expected 2',
    );
  });

  test('of a batch: what was before only on demand, or where it is all there is', async () => {
    const { resource, calls } = converting(withField);
    const [before, now] = [entryOf('a', 1), entryOf('a', 2)];
    const batch: WatchBatch = {
      revision: 3,
      events: [
        { kind: 'put', revision: 2, entry: now, previous: before },
        { kind: 'delete', revision: 3, key: '/a', previous: now } as WatchBatch['events'][number],
      ],
    };
    const [put, gone] = (await serveBatch(resource, batch, { withPrevious: false })).events;
    assert.ok(put?.kind === 'put' && isAdded(put.entry) && put.previous === before);
    assert.ok(gone?.kind === 'delete' && isAdded(gone.previous));
    const [whole] = (await serveBatch(resource, batch, { withPrevious: true })).events;
    assert.ok(whole?.previous !== undefined && isAdded(whole.previous));
    assert.deepEqual(calls, [2, 3]);
  });
});
