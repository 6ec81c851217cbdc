import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenStore, StoreFixture } from '@fairway/store/testing';
import * as fc from 'fast-check';
import { CompactedError, type Store, type StoreEvent } from '@fairway/store';

type Operation =
  | {
      readonly kind: 'create' | 'update' | 'delete';
      readonly key: string;
      readonly isStale: boolean;
    }
  | { readonly kind: 'compact'; readonly back: number };

/** What a store is, in so few lines that one can see it is right: every state it ever had. */
class StoreModel {
  readonly states: ReadonlyMap<string, string>[] = [new Map<string, string>()];
  readonly firstRevision: number;
  oldest: number;

  constructor(firstRevision: number) {
    this.firstRevision = firstRevision;
    this.oldest = firstRevision;
  }

  get revision(): number {
    return this.firstRevision + this.states.length - 1;
  }

  at(revision: number): ReadonlyMap<string, string> {
    return this.states[revision - this.firstRevision] ?? new Map<string, string>();
  }

  write(key: string, value: string | undefined): void {
    const next = new Map(this.at(this.revision));
    if (value === undefined) next.delete(key);
    else next.set(key, value);
    this.states.push(next);
  }

  /** The state as `list` answers it. */
  listed(revision: number, limit: number): string[] {
    const keys = [...this.at(revision).keys()].sort();
    const page = limit === 0 ? keys : keys.slice(0, limit);
    return page.map((key) => `${key}=${this.at(revision).get(key)}`);
  }
}

const everything = { start: '', end: '\uffff' };

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
  assert.equal(await store.currentRevision(), model.revision);
  for (let revision = model.firstRevision; revision <= model.revision; revision++) {
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
    const { kind } = await store.create(step.key, Buffer.from(step.value));
    assert.equal(kind, stored === undefined ? 'created' : 'exists');
    if (stored === undefined) model.write(step.key, step.value);
  } else if (step.kind === 'update') {
    const { kind } = await store.update(step.key, Buffer.from(step.value), expected);
    assert.equal(kind, isMatch ? 'updated' : 'conflict');
    if (isMatch) model.write(step.key, step.value);
  } else {
    const { kind } = await store.delete(step.key, expected);
    assert.equal(kind, isMatch ? 'deleted' : 'conflict');
    if (isMatch) model.write(step.key, undefined);
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
  for (const event of await eventsAfter(store, revision, model.revision)) {
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
  assert.equal(events.length, until - after);
  return events;
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString();
}
