import type { StoreEntry } from '@fairway/store';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** Writes the events of one watch in the representation that its caller chose. */
export interface FrameWriter {
  /** Writers of the same name write the same bytes, which are then shared; absent: not shared. */
  readonly sharedAs?: string;
  /** A served object as it is, or for DELETED as it was, at `revision`. */
  readonly object: (type: WatchEventType, entry: StoreEntry, revision: number) => Uint8Array;
  /** Something that is not stored: a bookmark, a Status. */
  readonly value: (type: WatchEventType, value: object) => Uint8Array;
}
