import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { prefixRange } from '@fairway/store';
import { ListRuns } from './list-runs.ts';

const entry = (at: number, text = 'x') => ({
  key: `/registry/pods/default/pod-${String(at).padStart(5, '0')}`,
  value: Buffer.from(`{"n":${at},"t":"${text}"}`),
  revision: at + 1,
  createRevision: at + 1,
});

const listRuns = () => new ListRuns({ clock: new ManualClock() });

const many = Array.from({ length: 3_000 }, (_, at) => entry(at));

const parse = (chunks: Iterable<Uint8Array>): unknown =>
  JSON.parse(`[${Buffer.concat([...chunks]).toString()}]`);

test('ListRuns joins entries as the items of one JSON array', () => {
  const items = parse(listRuns().join({ entries: many }, 0)) as { n: number }[];
  assert.deepEqual(
    items.map(({ n }) => n),
    many.map((_, at) => at),
  );
});

test('ListRuns cuts a prefix off every item', () => {
  const offset = Buffer.byteLength('{"n":1,');
  assert.deepEqual(parse(listRuns().join({ entries: [entry(1), entry(2)] }, offset)), [
    { t: 'x' },
    { t: 'x' },
  ]);
});

test('ListRuns never shows what an entry was before', () => {
  const runs = listRuns();
  parse(runs.join({ entries: many }, 0));
  for (const at of [0, 1, 1_499, 2_999]) {
    const changed = many.with(at, entry(at, `new ${at}`));
    const items = parse(runs.join({ entries: changed }, 0)) as { t: string }[];
    assert.equal(items[at]?.t, `new ${at}`);
    assert.equal(items.filter(({ t }) => t === 'x').length, many.length - 1);
  }
});

test('ListRuns shows what was removed and added', () => {
  const runs = listRuns();
  parse(runs.join({ entries: many }, 0));
  const fewer = many.filter((_, at) => at % 7 !== 0);
  assert.equal((parse(runs.join({ entries: fewer }, 0)) as unknown[]).length, fewer.length);
  assert.equal((parse(runs.join({ entries: many }, 0)) as unknown[]).length, many.length);
});

test('ListRuns gives the same bytes again for neighbours of a change', () => {
  const runs = listRuns();
  const before = [...runs.join({ entries: many }, 0)];
  const after = [...runs.join({ entries: many.with(1_500, entry(1_500, 'new')) }, 0)];
  const kept = after.filter((chunk, at) => at > 0 && before.includes(chunk));
  assert.ok(kept.length >= after.length - 2, `${kept.length} of ${after.length} runs were kept`);
});

const valueBytes = many.reduce((sum, { value }) => sum + value.length, 0);

test('ListRuns counts its runs and the entries that they hold, once', () => {
  const runs = listRuns();
  parse(runs.join({ entries: many }, 0));
  const { bytes } = runs;
  assert.ok(bytes > 1.9 * valueBytes && bytes <= 2 * valueBytes + many.length, `${bytes}`);
  parse(runs.join({ entries: many }, 0));
  parse(runs.join({ entries: many.with(1_500, entry(1_500)) }, 0));
  assert.equal(runs.bytes, bytes);
});

test('ListRuns stays within its bytes', () => {
  const runsBytesMax = valueBytes;
  const runs = new ListRuns({ clock: new ManualClock(), runsBytesMax });
  for (let turn = 0; turn < 2; turn++) {
    assert.equal((parse(runs.join({ entries: many }, 0)) as unknown[]).length, many.length);
    assert.ok(runs.bytes > 0 && runs.bytes <= runsBytesMax, `${runs.bytes}`);
  }
});

test('ListRuns lets go of what was deleted or changed with the next list of all', () => {
  const runs = listRuns();
  const page = { entries: many, covered: prefixRange('/registry/pods/') };
  parse(runs.join(page, 0));
  const { bytes } = runs;
  const neighbours = prefixRange('/registry/services/');
  parse(runs.join({ entries: [], covered: neighbours }, 0));
  assert.equal(runs.bytes, bytes);
  parse(runs.join({ ...page, entries: many.slice(1_500) }, 0));
  assert.ok(runs.bytes < 0.6 * bytes, `${runs.bytes} of ${bytes}`);
  parse(runs.join({ ...page, entries: [] }, 0));
  assert.equal(runs.bytes, 0);
});

test('ListRuns lets go of what nobody asks for', async () => {
  const clock = new ManualClock();
  const runs = new ListRuns({ clock });
  parse(runs.join({ entries: many }, 0));
  await clock.advance(50_000);
  parse(runs.join({ entries: many.slice(1_500) }, 0));
  await clock.advance(50_000);
  const asked = listRuns();
  parse(asked.join({ entries: many.slice(1_500) }, 0));
  assert.equal(runs.bytes, asked.bytes);
  await clock.advance(50_000);
  assert.equal(runs.bytes, 0);
});

test('ListRuns sends no more than a few megabytes in one go, however large the values are', () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const large = Array.from({ length: 40 }, (_, at) => entry(at, megabyte));
  const chunks = [...listRuns().join({ entries: large }, 0)];
  assert.ok(chunks.every((chunk) => chunk.length < 6 * 1024 * 1024));
  assert.equal((parse(chunks) as unknown[]).length, 40);
});

test('ListRuns keeps runs in memory of their own, not as parts of a larger pool', () => {
  for (const chunk of listRuns().join({ entries: many.slice(0, 100) }, 0)) {
    assert.ok(chunk.buffer.byteLength <= chunk.length + 1, `${chunk.buffer.byteLength}`);
  }
});

test('ListRuns orders keys as the store does, by bytes and not by UTF-16', () => {
  const runs = listRuns();
  // By their bytes ～ comes before 😀, by UTF-16 behind it.
  const entries = ['/a/\uff5e', '/a/😀'].flatMap((start) =>
    many.slice(0, 20).map((each) => ({ ...each, key: `${start}${each.key}` })),
  );
  parse(runs.join({ entries, covered: prefixRange('/a/') }, 0));
  assert.notEqual(runs.bytes, 0, 'what is still there stays');
  parse(runs.join({ entries: [], covered: { start: '/a/\uff5e', end: '/a/😀' } }, 0));
  assert.equal(runs.bytes, 0, 'what is gone is let go of');
});
