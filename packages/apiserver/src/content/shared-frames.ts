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

/**
 * The bytes of batches, kept as long as the store's batch is.
 *
 * Watches of one range get the very same batch. Those that see all of it, and see it alike, share
 * its bytes too, which is what makes a thousand watchers of a resource cheap.
 */
export class SharedFrames {
  readonly #framesOfBatches = new WeakMap<WatchBatch, Map<string, Uint8Array>>();

  /** The frames of a batch in one piece; undefined when nothing in it is for this watch. */
  framesOf(batch: WatchBatch, view: BatchView): Uint8Array | undefined {
    if (batch.events.length === 0) return undefined;
    const { sharedAs } = view.write;
    if (sharedAs === undefined || !view.selection.isWholeRange) return writeBatch(batch, view);
    const known = this.#framesOfBatches.get(batch) ?? new Map<string, Uint8Array>();
    const frames = known.get(sharedAs) ?? writeBatch(batch, view);
    if (frames !== undefined) known.set(sharedAs, frames);
    this.#framesOfBatches.set(batch, known);
    return frames;
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
