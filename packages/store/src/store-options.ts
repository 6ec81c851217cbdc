import type { Clock } from '@fairway/host';
import type { Stamp } from './store.ts';

/** What every store that assigns revisions itself can be told. */
export interface StoreOptions {
  /** Writes the revision into a value, once, at commit. Without it values stay as they came. */
  readonly stamp?: Stamp;
  /** For progress batches and times to live. Without it a watch tells its progress with its events. */
  readonly clock?: Clock;
  /** How long a quiet watch waits for a progress batch. 5 seconds unless told. */
  readonly progressIntervalMs?: number;
  /** How many events a consumer may fall behind before its watch ends. 10,000 unless told. */
  readonly watcherEventsMax?: number;
  /** How many bytes of events may wait for one consumer before its watch ends. 32 MiB unless told. */
  readonly watcherBytesMax?: number;
  /**
   * How many bytes of events may wait for all consumers together, what waits for several counted
   * once, before those furthest behind are ended. 128 MiB unless told.
   */
  readonly watchersBytesMax?: number;
  /** How many changes are remembered for lists and watches of the past. 50,000 unless told. */
  readonly historyEventsMax?: number;
  /** How many bytes of replaced values are kept alive for them. 32 MiB unless told. */
  readonly historyBytesMax?: number;
  /** How many of these bytes may be older than a minute or two. 16 MiB unless told. */
  readonly oldHistoryBytesMax?: number;
}
