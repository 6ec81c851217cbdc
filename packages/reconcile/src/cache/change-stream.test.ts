import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubernetesObject } from '@fairway/protocol';
import { ChangeBuffer } from './change-stream.ts';

test('ChangeBuffer keeps every change while few wait, and in order', async () => {
  const buffer = new ChangeBuffer<KubernetesObject>();
  buffer.push({ type: 'added', object: object('a', '1') });
  buffer.push({ type: 'updated', object: object('a', '2'), old: object('a', '1') });
  buffer.push({ type: 'deleted', object: object('a', '2') });
  buffer.end();
  assert.deepEqual(await taken(buffer), ['added a1', 'updated a2', 'deleted a2']);
});

test('ChangeBuffer merges what waits too long, and still ends in the same state', async () => {
  const change = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 60 }), async (changes) => {
      const buffer = new ChangeBuffer<KubernetesObject>();
      // Fills the room in which nothing is merged.
      for (let at = 0; at < 1_024; at++) {
        buffer.push({ type: 'added', object: object(`x${at}-`, '1') });
      }
      const held = new Map<string, string>();
      changes.forEach(([each, isDeletion], at) =>
        push(buffer, held, `k${each}-`, { at, isDeletion }),
      );
      buffer.end();
      const seen = new Map<string, string>();
      for (const line of (await taken(buffer)).slice(1_024)) apply(seen, line);
      assert.deepEqual([...seen].sort(), [...held].sort());
    }),
  );
});

test('ChangeBuffer throws what it ended with after what was waiting', async () => {
  const buffer = new ChangeBuffer<KubernetesObject>();
  buffer.push({ type: 'added', object: object('a', '1') });
  buffer.end({ error: new RangeError('broken') });
  await assert.rejects(taken(buffer), RangeError);
  await assert.rejects(buffer.synced, /before the first state was complete/);
});

function push(
  buffer: ChangeBuffer<KubernetesObject>,
  held: Map<string, string>,
  name: string,
  { at, isDeletion }: { at: number; isDeletion: boolean },
): void {
  const old = held.get(name);
  const next = object(name, String(at));
  if (isDeletion) {
    if (old === undefined) return;
    held.delete(name);
    buffer.push({ type: 'deleted', object: object(name, old) });
    return;
  }
  held.set(name, String(at));
  buffer.push(
    old === undefined
      ? { type: 'added', object: next }
      : { type: 'updated', object: next, old: object(name, old) },
  );
}

/** Refuses an order that no collection can have. */
function apply(seen: Map<string, string>, line: string): void {
  const [type, what = ''] = line.split(' ');
  const [name = '', version = ''] = what.split('-');
  const key = `${name}-`;
  assert.equal(seen.has(key), type !== 'added', line);
  if (type === 'deleted') seen.delete(key);
  else seen.set(key, version);
}

async function taken(buffer: ChangeBuffer<KubernetesObject>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { type, object: each } of buffer.take(new AbortController().signal)) {
    lines.push(`${type} ${each.metadata?.name}${each.metadata?.resourceVersion}`);
  }
  return lines;
}

function object(name: string, resourceVersion: string): KubernetesObject {
  return { metadata: { name, resourceVersion } };
}
