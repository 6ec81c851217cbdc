import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';
import { areAsStored, decodeServed, decodeServedMetadata, servedBytes } from './served-object.ts';

interface Converting {
  readonly resource: ServedResource;
  readonly conversions: () => number;
}

/** A resource that converts so, and counts how often. */
function converting(
  change: (draft: Record<string, unknown>) => void,
  asStored: WeakSet<StoreEntry> | undefined = new WeakSet(),
): Converting {
  let conversions = 0;
  const fromStored = (stored: KubernetesObject): KubernetesObject => {
    conversions++;
    change(stored as Record<string, unknown>);
    return stored;
  };
  const storage = { prefix: '/', apiVersion: 'v1', fromStored, ...(asStored && { asStored }) };
  return { resource: { storage } as unknown as ServedResource, conversions: () => conversions };
}

function entryOf(object: object): StoreEntry {
  const value = Buffer.from(JSON.stringify(object));
  return { key: '/a', value, revision: 1, createRevision: 1 };
}

suite('served objects', () => {
  test('are the stored bytes once a conversion has left them as they are', async () => {
    const { resource, conversions } = converting(() => undefined);
    const entries = [entryOf({ metadata: { name: 'a' } }), entryOf({ metadata: { name: 'b' } })];
    assert.equal(await areAsStored(resource, entries), true);
    assert.equal(conversions(), 2);
    for (const entry of entries) {
      assert.equal(servedBytes(resource, entry), entry.value);
      assert.deepEqual(decodeServed(resource, entry), JSON.parse(String(entry.value)));
      assert.equal(decodeServedMetadata(resource, entry).metadata?.name?.length, 1);
    }
    assert.equal(await areAsStored(resource, entries), true);
    assert.equal(conversions(), 2);
  });

  test('are converted with each read where that changes them', async () => {
    const { resource } = converting((draft) => (draft['added'] = true));
    const entry = entryOf({ metadata: { name: 'a' } });
    for (let read = 0; read < 2; read++) {
      assert.deepEqual(JSON.parse(String(servedBytes(resource, entry))).added, true);
      assert.equal(Object(decodeServed(resource, entry)).added, true);
      assert.equal(await areAsStored(resource, [entry]), false);
    }
  });

  test('of another version are always converted', async () => {
    const { resource, conversions } = converting(() => undefined);
    Reflect.deleteProperty(resource.storage, 'asStored');
    const entry = entryOf({ metadata: { name: 'a' } });
    assert.equal(await areAsStored(resource, [entry]), false);
    servedBytes(resource, entry);
    servedBytes(resource, entry);
    assert.equal(conversions(), 2);
  });
});
