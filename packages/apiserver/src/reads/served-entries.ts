import { giveWay } from '@fairway/host';
import { type KubernetesObject, apiError } from '@fairway/protocol';
import type { StoreEntry, StoreEvent, WatchBatch } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';
import { asBuffer, decodeStored, encodeConverted } from '../storage/object-bytes.ts';

/**
 * Entries of the store as `resource` serves them: what comes out holds the JSON of the wire. The
 * same array, and no promise, where all of them are stored so.
 *
 * Everything that is read goes through here as soon as it has been read, so nothing behind it knows
 * of conversions. Errors: the `ApiError` of the conversion, for the whole page.
 */
export function serveEntries(
  resource: ServedResource,
  entries: readonly StoreEntry[],
): readonly StoreEntry[] | Promise<readonly StoreEntry[]> {
  const { fromStored, asStored } = resource.storage;
  if (fromStored === undefined) return entries;
  if (asStored !== undefined && entries.every((entry) => asStored.has(entry))) return entries;
  return convertEntries(resource, entries);
}

/** The same for one entry. */
export async function serveEntry(resource: ServedResource, entry: StoreEntry): Promise<StoreEntry> {
  const [served = entry] = await serveEntries(resource, [entry]);
  return served;
}

/**
 * The same for the events of a batch. What a key held before is converted only on demand, except
 * of a deletion, which is nothing else.
 */
export function serveBatch(
  resource: ServedResource,
  batch: WatchBatch,
  { withPrevious }: { readonly withPrevious: boolean },
): WatchBatch | Promise<WatchBatch> {
  const entries = batch.events.flatMap((event) => entriesOf(event, withPrevious));
  const served = serveEntries(resource, entries);
  if (served === entries) return batch;
  return Promise.resolve(served).then((all) =>
    all === entries ? batch : inPlaceOf(batch, entries, all),
  );
}

/**
 * Notes that an entry holds what `resource` serves. For the writer of an object that was pruned and
 * defaulted by the very resource: one whose definition changed meanwhile is another.
 */
export function noteWritten({ storage }: ServedResource, entry: StoreEntry): void {
  storage.asStored?.add(entry);
}

/** How much of a page is decoded, and converted, at once. */
const conversionBytesMax = 1024 * 1024;

async function convertEntries(
  resource: ServedResource,
  entries: readonly StoreEntry[],
): Promise<readonly StoreEntry[]> {
  const { asStored } = resource.storage;
  const served = [...entries];
  let isChanged = false;
  let from = 0;
  while (from < entries.length) {
    const part: number[] = [];
    for (let bytes = 0; from < entries.length && bytes < conversionBytesMax; from++) {
      const entry = entries[from];
      if (entry === undefined || asStored?.has(entry) === true) continue;
      part.push(from);
      bytes += entry.value.length;
    }
    for (const [at, entry] of await convertPart(resource, entries, part)) {
      if (entry === served[at]) continue;
      served[at] = entry;
      isChanged = true;
    }
  }
  return isChanged ? served : entries;
}

async function convertPart(
  resource: ServedResource,
  entries: readonly StoreEntry[],
  part: readonly number[],
): Promise<readonly (readonly [number, StoreEntry])[]> {
  const stored: { readonly at: number; readonly entry: StoreEntry }[] = [];
  const objects: KubernetesObject[] = [];
  for (const at of part) {
    const entry = entries[at];
    if (entry === undefined) continue;
    const turn = giveWay();
    if (turn !== undefined) await turn;
    stored.push({ at, entry });
    objects.push(decodeStored(entry.value));
  }
  const converted = await convert(resource, objects);
  const served: (readonly [number, StoreEntry])[] = [];
  for (const [index, { at, entry }] of stored.entries()) {
    const turn = giveWay();
    if (turn !== undefined) await turn;
    served.push([at, withObject(resource, entry, converted[index] ?? {})]);
  }
  return served;
}

async function convert(
  { plural, group, version, storage }: ServedResource,
  objects: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[]> {
  if (objects.length === 0 || storage.fromStored === undefined) return objects;
  const converted = await storage.fromStored(objects);
  if (converted.length === objects.length) return converted;
  throw apiError(
    'InternalError',
    `the conversion of ${plural} to ${group}/${version} answered ${converted.length} objects, expected ${objects.length}`,
  );
}

/** The entry with the bytes of an object; the same one where it holds these. */
function withObject(
  { storage: { asStored } }: ServedResource,
  entry: StoreEntry,
  object: KubernetesObject,
): StoreEntry {
  const value = encodeConverted(object);
  if (asStored === undefined || !asBuffer(value).equals(entry.value)) return { ...entry, value };
  asStored.add(entry);
  return entry;
}

function entriesOf(event: StoreEvent, withPrevious: boolean): readonly StoreEntry[] {
  if (event.kind !== 'put') return [event.previous];
  const { entry, previous } = event;
  return withPrevious && previous !== undefined ? [entry, previous] : [entry];
}

function inPlaceOf(
  batch: WatchBatch,
  entries: readonly StoreEntry[],
  served: readonly StoreEntry[],
): WatchBatch {
  const servedOf = new Map(entries.map((entry, at) => [entry, served[at] ?? entry]));
  const serve = (entry: StoreEntry): StoreEntry => servedOf.get(entry) ?? entry;
  const events = batch.events.map((event): StoreEvent => {
    if (event.kind !== 'put') return { ...event, previous: serve(event.previous) };
    const { entry, previous } = event;
    return { ...event, entry: serve(entry), previous: previous && serve(previous) };
  });
  return { ...batch, events };
}
