import type { StoreEntry, StoreEvent } from './store.ts';

/**
 * The same bytes in memory of their own.
 *
 * A value that is a view of something larger, of Node's pool or a message, would keep all of that
 * alive for as long as the store keeps the value.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength === bytes.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/** The same entry, its value in memory of its own. */
export function ownEntry(entry: StoreEntry): StoreEntry {
  const value = ownBytes(entry.value);
  return value === entry.value ? entry : { ...entry, value };
}

/** The same event, its values in memory of their own. */
export function ownEvent(event: StoreEvent): StoreEvent {
  const { revision } = event;
  if (event.kind === 'delete') return { ...event, previous: ownEntry(event.previous) };
  const previous = event.previous === undefined ? undefined : ownEntry(event.previous);
  return { kind: 'put', revision, entry: ownEntry(event.entry), previous };
}
