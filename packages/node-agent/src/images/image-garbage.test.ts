import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogFields, silentLogger } from '@fairway/host';
import { ManualClock } from '@fairway/host/testing';
import type { ContainerRecord } from '../runtime/container.ts';
import type { ImageRecord, ImageStore } from '../runtime/image-store.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { handMadeRuntime } from '../testing.ts';
import { ImageGarbage, collectImages } from './image-garbage.ts';

const gigabyte = 1e9;

/** A machine with a disk of 100 GB and images of 2 GB. */
class GarbageStory {
  readonly clock = new ManualClock();
  readonly images = new Map<string, ImageRecord>();
  readonly runtime = handMadeRuntime();
  readonly events: string[] = [];
  readonly warnings: LogFields[] = [];
  freeBytes = 50 * gigabyte;
  problem: RuntimeError | undefined;
  readonly parts = {
    runtime: this.runtime,
    sandboxImage: 'r/sandbox:1',
    store: this.#store(),
    room: async () => ({
      sizeBytes: 100 * gigabyte,
      freeBytes: this.freeBytes,
      inodes: 1,
      freeInodes: 1,
    }),
    record: ({ reason, message }: { readonly reason: string; readonly message: string }) =>
      void this.events.push(`${reason}: ${message}`),
    clock: this.clock,
    logger: {
      ...silentLogger,
      warn: (_: string, fields?: LogFields) => void this.warnings.push(fields ?? {}),
    },
  };

  has(...names: readonly string[]): void {
    for (const name of names) {
      this.images.set(`sha256:${name}`, {
        id: `sha256:${name}`,
        tags: [`r/${name}:1`],
        digests: [`r/${name}@sha256:0`],
        sizeBytes: 2 * gigabyte,
        isPinned: name === 'pause',
      });
    }
  }

  /** Containers use these, each named in another way. */
  use(...names: readonly string[]): void {
    const containers = names.map((imageId): ContainerRecord => ({
      id: imageId,
      sandboxId: 's',
      name: 'c',
      attempt: 0,
      image: '',
      imageId,
      state: 'exited',
      createdMs: 0,
      labels: {},
      annotations: {},
    }));
    this.runtime.held.pods = [
      { uid: 'u', name: 'p', namespace: 'default', sandboxes: [], containers },
    ];
  }

  names(): string {
    return [...this.images.keys()].map((id) => id.slice('sha256:'.length)).join(' ');
  }

  #store(): ImageStore {
    return {
      find: async () => undefined,
      pull: async () => '',
      list: async () => {
        if (this.problem) throw this.problem;
        return [...this.images.values()];
      },
      remove: async (id) => {
        if (this.images.delete(id)) this.freeBytes += 2 * gigabyte;
      },
    };
  }
}

test('nothing is taken while there is room, and then what was not used for the longest time', async () => {
  const story = new GarbageStory();
  const garbage = new ImageGarbage(story.parts);
  story.has('pause', 'sandbox', 'a', 'b', 'c', 'd', 'e');
  story.use('r/a@sha256:0', 'r/b:1', 'sha256:c');
  await garbage.collect();
  await story.clock.advance(60_000);
  story.use('r/b:1', 'sha256:c');
  await garbage.collect();
  await story.clock.advance(60_000);
  story.use('sha256:c');
  story.freeBytes = 16 * gigabyte;
  await garbage.collect();
  assert.equal(story.names(), 'pause sandbox a b c d e');
  story.freeBytes = 15 * gigabyte;
  story.has('new');
  await garbage.collect();
  // 5 GB were to be freed: three images, and b was used last.
  assert.equal(story.names(), 'pause sandbox b c new');
  assert.deepEqual(story.events, []);
  story.freeBytes = 10 * gigabyte;
  await garbage.collect();
  assert.equal(story.names(), 'pause sandbox c new');
  const words =
    'FreeDiskSpaceFailed: Failed to garbage collect required amount of images. ' +
    'Attempted to free 10000000000 bytes, but only found 2000000000 bytes eligible to free.';
  assert.deepEqual(story.events, [words]);
});

test('all that is unused goes when it is asked for, but what has come a moment ago', async () => {
  const story = new GarbageStory();
  const garbage = new ImageGarbage(story.parts);
  story.has('pause', 'sandbox', 'a', 'b');
  story.use('sha256:a');
  await garbage.removeUnused();
  assert.equal(story.names(), 'pause sandbox a b');
  await story.clock.advance(120_000);
  story.has('new');
  await garbage.removeUnused();
  assert.equal(story.names(), 'pause sandbox a new');
});

test('looks every five minutes, also after the runtime was away, until it is told to end', async () => {
  const story = new GarbageStory();
  story.has('a');
  story.freeBytes = 0;
  story.problem = new RuntimeError('unavailable', 'gone');
  const stopping = new AbortController();
  const running = collectImages(new ImageGarbage(story.parts), story.parts, stopping.signal);
  await story.clock.advance(0);
  assert.equal(story.warnings.length, 1);
  story.problem = undefined;
  await story.clock.advance(300_000);
  assert.equal(story.names(), 'a');
  await story.clock.advance(300_000);
  assert.equal(story.names(), '');
  stopping.abort();
  await running;
});
