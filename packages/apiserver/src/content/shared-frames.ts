import type { Clock } from '@fairway/host';
import type { StoreEvent, WatchBatch } from '@fairway/store';
import type { FrameWriter } from './frame-writer.ts';
import type { Counter } from '@fairway/serving/metrics';
import { KeptBytes } from '../reads/kept-bytes.ts';
import { serveBatch } from '../reads/served-entries.ts';
import { type Selection, isSelected } from '../reads/selection.ts';
import type { StoredFacts } from '../reads/stored-facts.ts';
import type { ServedResource } from '../registry/served-resource.ts';

/** What of a watch decides how a batch looks in it. */
export interface BatchView {
  readonly resource: ServedResource;
  readonly facts: StoredFacts;
  readonly selection: Selection;
  readonly write: FrameWriter;
  /** Counts the events that the watch is sent; absent: nobody does. */
  readonly sent?: Counter;
}

export interface SharedFramesOptions {
  readonly clock: Clock;
  /** How many bytes are kept, of frames and of what was converted for them. 16 MiB unless told. */
  readonly framesBytesMax?: number;
}

/** A watch that reads a batch after its frames were dropped writes them again for itself. */
const framesIdleMs = 10_000;

type FramesByView = Map<string, Uint8Array>;

type ServedBatch = Map<ServedResource, WatchBatch | Promise<WatchBatch>>;

type ServedBatches = WeakMap<WatchBatch, ServedBatch>;

/**
 * The bytes of the latest batches.
 *
 * Watches of one range get the very same batch. Those that see all of it, and see it alike, share
 * its bytes too, which is what makes a thousand watchers of a resource cheap.
 */
export class SharedFrames {
  readonly #framesOf = new WeakMap<WatchBatch, FramesByView>();
  /** Batches that have to be converted, which is done once for all watches of a resource. */
  readonly #served = {
    whole: new WeakMap() as ServedBatches,
    chosen: new WeakMap() as ServedBatches,
  };
  // Batches are not kept alive, only their frames, and what they were converted to.
  readonly #kept: KeptBytes<FramesByView | ServedBatch>;

  constructor({ clock, framesBytesMax = 16 * 1024 * 1024 }: SharedFramesOptions) {
    const onDrop = (kept: FramesByView | ServedBatch): void => kept.clear();
    this.#kept = new KeptBytes({ clock, bytesMax: framesBytesMax, idleMs: framesIdleMs, onDrop });
  }

  /** How many bytes are kept now. */
  get bytes(): number {
    return this.#kept.bytes;
  }

  /**
   * The frames of a batch in one piece; undefined when nothing in it is for this watch. A promise
   * only where something has to be converted.
   */
  framesOf(
    batch: WatchBatch,
    view: BatchView,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (batch.events.length === 0) return undefined;
    if (view.resource.storage.fromStored === undefined) return this.#frames(batch, view);
    const served = this.#serve(batch, view);
    if (!(served instanceof Promise)) return this.#frames(served, view);
    return served.then((converted) => this.#frames(converted, view));
  }

  #serve(batch: WatchBatch, view: BatchView): WatchBatch | Promise<WatchBatch> {
    const { resource, selection } = view;
    const batches = selection.isWholeRange ? this.#served.whole : this.#served.chosen;
    const byResource: ServedBatch = batches.get(batch) ?? new Map();
    batches.set(batch, byResource);
    const known = byResource.get(resource);
    if (known !== undefined) return known;
    const served = serveBatch(resource, batch, { withPrevious: !selection.isWholeRange });
    byResource.set(resource, served);
    if (!(served instanceof Promise)) return served;
    return served.then((converted) => {
      const bytes = convertedBytes(batch, converted);
      if (bytes > 0) this.#kept.add(byResource, bytes);
      return converted;
    });
  }

  #frames(batch: WatchBatch, view: BatchView): Uint8Array | undefined {
    const { sharedAs } = view.write;
    if (sharedAs === undefined || !view.selection.isWholeRange) return writeBatch(batch, view);
    const known = this.#framesOf.get(batch)?.get(sharedAs);
    if (known !== undefined) {
      // Whoever sees the whole range is sent every event.
      view.sent?.add(batch.events.length);
      return known;
    }
    const frames = writeBatch(batch, view);
    if (frames !== undefined) this.#keep(batch, sharedAs, frames);
    return frames;
  }

  #keep(batch: WatchBatch, sharedAs: string, frames: Uint8Array): void {
    const byView = this.#framesOf.get(batch) ?? new Map<string, Uint8Array>();
    this.#framesOf.set(batch, byView);
    byView.set(sharedAs, frames);
    this.#kept.add(byView, frames.length);
  }
}

/** Slow watches keep a batch alive, and with it all that was made of it. */
function convertedBytes(batch: WatchBatch, converted: WatchBatch): number {
  if (converted === batch) return 0;
  let bytes = 0;
  for (const [at, event] of converted.events.entries()) {
    const stored = batch.events[at];
    const { previous } = event;
    if (event.kind === 'put' && stored?.kind === 'put' && event.entry !== stored.entry) {
      bytes += event.entry.value.length;
    }
    if (previous !== undefined && previous !== stored?.previous) bytes += previous.value.length;
  }
  return bytes;
}

function writeBatch(batch: WatchBatch, view: BatchView): Uint8Array | undefined {
  const frames = batch.events.flatMap((event) => frameOf(event, view));
  view.sent?.add(frames.length);
  return frames.length > 1 ? joined(frames) : frames[0];
}

// Not `Buffer.concat`: what is kept must not be a part of Node's pool, all of which it would keep.
function joined(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(frames.reduce((sum, frame) => sum + frame.length, 0));
  let filled = 0;
  for (const frame of frames) {
    bytes.set(frame, filled);
    filled += frame.length;
  }
  return bytes;
}

function frameOf(
  event: StoreEvent,
  { resource, facts, selection, write }: BatchView,
): Uint8Array[] {
  const scope = { resource, facts };
  const { revision, previous } = event;
  const isNow = event.kind === 'put' && isSelected(selection, event.entry, scope);
  const wasBefore = previous !== undefined && isSelected(selection, previous, scope);
  if (event.kind === 'put' && isNow) {
    return [write.object(wasBefore ? 'MODIFIED' : 'ADDED', event.entry, revision)];
  }
  // An object that leaves the selection is gone for this watch, in its last selected state.
  return wasBefore && previous !== undefined ? [write.object('DELETED', previous, revision)] : [];
}
