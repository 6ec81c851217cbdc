import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../key-range.ts';
import { bytes, fixtureFor, type OpenDurableStore, text } from './store-fixture.ts';

const all = prefixRange('/');

/** What a durable store finds again. */
export function describeReopening(open: OpenDurableStore): void {
  test('what was written is found again when the store is opened again', async (t) => {
    const fixture = await fixtureFor(t, open);
    const { store } = fixture;
    for (const name of ['b', 'a', 'ä', '\u{1f6f6}', 'c\0d'])
      await store.create(`/${name}`, bytes(name));
    const before = await store.list(all);
    const again = await fixture.reopen();
    const after = await again.list(all);
    assert.deepEqual(after.entries.map(plain), before.entries.map(plain));
    assert.equal(after.revision, before.revision);
    assert.deepEqual(after.entries.map(text), ['a', 'b', 'c\0d', 'ä', '\u{1f6f6}']);
  });

  test('revisions never come again, even those of what is gone', async (t) => {
    const fixture = await fixtureFor(t, open);
    const { store } = fixture;
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const deleted = await store.delete('/a', created.entry.revision);
    assert.ok(deleted.kind === 'deleted');
    await store.compact(deleted.revision);
    const again = await fixture.reopen();
    assert.equal(await again.currentRevision(), deleted.revision);
    const next = await again.create('/a', bytes('two'));
    assert.ok(next.kind === 'created');
    assert.equal(next.entry.revision, deleted.revision + 1);
  });
}

function plain(entry: {
  key: string;
  value: Uint8Array;
  revision: number;
  createRevision: number;
}): unknown {
  return { ...entry, value: Buffer.from(entry.value).toString('hex') };
}
