import type { Clock } from '@fairway/host';
import type { StoreEvent, WatchBatch } from '@fairway/store';
import type { FrameWriter } from './frame-writer.ts';
import { type Selection, isSelected } from '../objects/selection.ts';
import type { StoredFacts } from '../objects/stored-facts.ts';
import type { ServedResource } from '../registry/served-resource.ts';

/** What of a watch decides how a batch looks in it. */
export interface BatchView {
  readonly resource: ServedResource;
  readonly facts: StoredFacts;
  readonly selection: Selection;
  readonly write: FrameWriter;
}

export interface SharedFramesOptions {
  readonly clock: Clock;
  /** How many bytes of frames are kept. 16 MiB unless told. */
  readonly framesBytesMax?: number;
}

/** Those who see a batch so much later than others write it again for themselves. */
const keptMs = 10_000;

interface BatchFrames {
  readonly byView: Map<string, Uint8Array>;
  bytes: number;
  readonly sinceMs: number;
}

/**
 * The bytes of the latest batches.
 *
 * Watches of one range get the very same batch. Those that see all of it, and see it alike, share
 * its bytes too, which is what makes a thousand watchers of a resource cheap.
 */
export class SharedFrames {
  readonly #options: Required<SharedFramesOptions>;
  readonly #framesOf = new WeakMap<WatchBatch, BatchFrames>();
  // The oldest first; the batches themselves are not kept alive by this.
  readonly #kept = new Set<BatchFrames>();
  #bytes = 0;
  #isSweepDue = false;

  constructor(options: SharedFramesOptions) {
    this.#options = { framesBytesMax: 16 * 1024 * 1024, ...options };
  }

  /** How many bytes are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The frames of a batch in one piece; undefined when nothing in it is for this watch. */
  framesOf(batch: WatchBatch, view: BatchView): Uint8Array | undefined {
    if (batch.events.length === 0) return undefined;
    const { sharedAs } = view.write;
    if (sharedAs === undefined || !view.selection.isWholeRange) return writeBatch(batch, view);
    const known = this.#framesOf.get(batch)?.byView.get(sharedAs);
    if (known !== undefined) return known;
    const frames = writeBatch(batch, view);
    if (frames !== undefined) this.#keep(batch, sharedAs, frames);
    return frames;
  }

  #keep(batch: WatchBatch, sharedAs: string, frames: Uint8Array): void {
    const { clock, framesBytesMax } = this.#options;
    let kept = this.#framesOf.get(batch);
    if (kept === undefined) {
      kept = { byView: new Map(), bytes: 0, sinceMs: clock.elapsed() };
      this.#framesOf.set(batch, kept);
    }
    kept.byView.set(sharedAs, frames);
    this.#kept.add(kept);
    kept.bytes += frames.length;
    this.#bytes += frames.length;
    for (const oldest of this.#kept) {
      if (this.#bytes <= framesBytesMax) break;
      this.#drop(oldest);
    }
    this.#sweepIn(keptMs);
  }

  #sweepIn(delayMs: number): void {
    if (this.#isSweepDue) return;
    this.#isSweepDue = true;
    this.#options.clock.schedule(delayMs, () => {
      this.#isSweepDue = false;
      this.#dropOld();
    });
  }

  #dropOld(): void {
    for (const oldest of this.#kept) {
      const leftMs = oldest.sinceMs + keptMs - this.#options.clock.elapsed();
      if (leftMs > 0) return this.#sweepIn(leftMs);
      this.#drop(oldest);
    }
  }

  #drop(frames: BatchFrames): void {
    if (!this.#kept.delete(frames)) return;
    this.#bytes -= frames.bytes;
    frames.bytes = 0;
    frames.byView.clear();
  }
}

function writeBatch(batch: WatchBatch, view: BatchView): Uint8Array | undefined {
  const frames = batch.events.flatMap((event) => frameOf(event, view));
  return frames.length > 1 ? Buffer.concat(frames) : frames[0];
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
