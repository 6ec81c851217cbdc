import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListRuns } from './list-runs.ts';

const entry = (at: number, text = 'x') => ({
  key: `/registry/pods/default/pod-${String(at).padStart(5, '0')}`,
  value: Buffer.from(`{"n":${at},"t":"${text}"}`),
  revision: at + 1,
  createRevision: at + 1,
});

const many = Array.from({ length: 3_000 }, (_, at) => entry(at));

const parse = (chunks: Iterable<Uint8Array>): unknown =>
  JSON.parse(`[${Buffer.concat([...chunks]).toString()}]`);

test('ListRuns joins entries as the items of one JSON array', () => {
  const items = parse(new ListRuns().join(many, 0)) as { n: number }[];
  assert.deepEqual(
    items.map(({ n }) => n),
    many.map((_, at) => at),
  );
});

test('ListRuns cuts a prefix off every item', () => {
  const offset = Buffer.byteLength('{"n":1,');
  assert.deepEqual(parse(new ListRuns().join([entry(1), entry(2)], offset)), [
    { t: 'x' },
    { t: 'x' },
  ]);
});

test('ListRuns never shows what an entry was before', () => {
  const runs = new ListRuns();
  parse(runs.join(many, 0));
  for (const at of [0, 1, 1_499, 2_999]) {
    const changed = many.with(at, entry(at, `new ${at}`));
    const items = parse(runs.join(changed, 0)) as { t: string }[];
    assert.equal(items[at]?.t, `new ${at}`);
    assert.equal(items.filter(({ t }) => t === 'x').length, many.length - 1);
  }
});

test('ListRuns shows what was removed and added', () => {
  const runs = new ListRuns();
  parse(runs.join(many, 0));
  const fewer = many.filter((_, at) => at % 7 !== 0);
  assert.equal((parse(runs.join(fewer, 0)) as unknown[]).length, fewer.length);
  assert.equal((parse(runs.join(many, 0)) as unknown[]).length, many.length);
});

test('ListRuns gives the same bytes again for neighbours of a change', () => {
  const runs = new ListRuns();
  const before = [...runs.join(many, 0)];
  const after = [...runs.join(many.with(1_500, entry(1_500, 'new')), 0)];
  const kept = after.filter((chunk, at) => at > 0 && before.includes(chunk));
  assert.ok(kept.length >= after.length - 2, `${kept.length} of ${after.length} runs were kept`);
});

test('ListRuns stays within its bytes', () => {
  const runs = new ListRuns({ bytesMax: 1 });
  assert.equal((parse(runs.join(many, 0)) as unknown[]).length, many.length);
  assert.equal((parse(runs.join(many, 0)) as unknown[]).length, many.length);
});
