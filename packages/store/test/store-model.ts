import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenStore, StoreFixture } from '@fairway/store/testing';
import * as fc from 'fast-check';
import { CompactedError, prefixRange, type Store, type StoreEvent } from '@fairway/store';

type Operation =
  | {
      readonly kind: 'create' | 'update' | 'delete';
      readonly key: string;
      readonly isStale: boolean;
    }
  | { readonly kind: 'compact'; readonly back: number };

/** What a store is, in so few lines that one can see it is right: every state it ever had. */
class StoreModel {
  /** By the revision at which they began; between two of them there may be others' revisions. */
  readonly states: { readonly revision: number; readonly state: ReadonlyMap<string, string> }[];
  oldest: number;

  constructor(firstRevision: number) {
    this.states = [{ revision: firstRevision, state: new Map<string, string>() }];
    this.oldest = firstRevision;
  }

  get revision(): number {
    return this.states.at(-1)?.revision ?? 0;
  }

  at(revision: number): ReadonlyMap<string, string> {
    const found = this.states.findLast((each) => each.revision <= revision);
    return found?.state ?? new Map<string, string>();
  }

  write(revision: number, key: string, value: string | undefined): void {
    assert.ok(revision > this.revision);
    const state = new Map(this.at(this.revision));
    if (value === undefined) state.delete(key);
    else state.set(key, value);
    this.states.push({ revision, state });
  }

  /** How many writes came after `revision`. */
  writesAfter(revision: number): number {
    return this.states.filter((each) => each.revision > revision).length;
  }

  /** The state as `list` answers it. */
  listed(revision: number, limit: number): string[] {
    const keys = [...this.at(revision).keys()].sort((left, right) =>
      Buffer.compare(Buffer.from(left), Buffer.from(right)),
    );
    const page = limit === 0 ? keys : keys.slice(0, limit);
    return page.map((key) => `${key}=${this.at(revision).get(key)}`);
  }
}

const everything = prefixRange('/');

// Keys that share beginnings and that code units and code points order differently.
const key = fc.constantFrom('/a/', '/a/1', '/a/10', '/a/2', '/b', '/\u{1f6f6}', '/\uff5e');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom('create', 'update', 'delete'),
      key,
      isStale: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact'), back: fc.nat(5) }) },
);

/** Compares a store with the model: random writes, then every revision and every watch. */
export function describeAgainstModel(open: OpenStore, { runs }: { runs: number }): void {
  test('random operations leave what the model has, at every revision', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), fc.nat(4), async (steps, limit) => {
        const fixture = await open({});
        try {
          await compare(fixture, steps, limit);
        } finally {
          await fixture.dispose();
        }
      }),
      { numRuns: runs },
    );
  });
}

async function compare(
  { store }: StoreFixture,
  steps: readonly Operation[],
  limit: number,
): Promise<void> {
  const model = new StoreModel(await store.currentRevision());
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'compact') {
      const revision = Math.max(model.oldest, model.revision - step.back);
      await store.compact(revision);
      model.oldest = revision;
    } else await write(store, model, { ...step, value: `value ${index}` });
  }
  assert.ok((await store.currentRevision()) >= model.revision);
  // Every state, at its first revision and at the last one before the next.
  const begins = model.states.map(({ revision }) => revision);
  for (const revision of new Set([...begins, ...begins.slice(1).map((each) => each - 1)])) {
    await compareRevision(store, model, { revision, limit });
  }
}

async function write(
  store: Store,
  model: StoreModel,
  step: { kind: 'create' | 'update' | 'delete'; key: string; isStale: boolean; value: string },
): Promise<void> {
  const stored = await store.get(step.key);
  assert.equal(textOf(stored?.value), model.at(model.revision).get(step.key));
  const expected = (stored?.revision ?? 0) + (step.isStale ? 1 : 0);
  const isMatch = stored !== undefined && !step.isStale;
  if (step.kind === 'create') {
    const outcome = await store.create(step.key, Buffer.from(step.value));
    assert.equal(outcome.kind, stored === undefined ? 'created' : 'exists');
    if (outcome.kind === 'created') model.write(outcome.entry.revision, step.key, step.value);
  } else if (step.kind === 'update') {
    const outcome = await store.update(step.key, Buffer.from(step.value), expected);
    assert.equal(outcome.kind, isMatch ? 'updated' : 'conflict');
    if (outcome.kind === 'updated') model.write(outcome.entry.revision, step.key, step.value);
  } else {
    const outcome = await store.delete(step.key, expected);
    assert.equal(outcome.kind, isMatch ? 'deleted' : 'conflict');
    if (outcome.kind === 'deleted') model.write(outcome.revision, step.key, undefined);
  }
}

async function compareRevision(
  store: Store,
  model: StoreModel,
  { revision, limit }: { revision: number; limit: number },
): Promise<void> {
  if (revision < model.oldest) {
    await assert.rejects(store.list(everything, { revision }), CompactedError);
    return;
  }
  const page = await store.list(everything, { revision, limit });
  const listed = page.entries.map((entry) => `${entry.key}=${textOf(entry.value)}`);
  assert.deepEqual(listed, model.listed(revision, limit));
  assert.equal(page.count, model.at(revision).size);
  const replayed = new Map(model.at(revision));
  const events = await eventsAfter(store, revision, model.revision);
  assert.equal(events.length, model.writesAfter(revision));
  for (const event of events) {
    if (event.kind === 'delete') replayed.delete(event.previous.key);
    else replayed.set(event.entry.key, textOf(event.entry.value) ?? '');
    assert.deepEqual(new Map([...replayed].sort()), new Map([...model.at(event.revision)].sort()));
  }
}

async function eventsAfter(store: Store, after: number, until: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  for await (const batch of store.watch(everything, after, new AbortController().signal)) {
    events.push(...batch.events);
    if (batch.revision >= until) break;
  }
  return events;
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString();
}
