import { giveWay } from '@fairway/host';
import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';
import { decodeStored, decodeStoredMetadata } from '../storage/object-bytes.ts';

/** The object in the version that `resource` serves. A fresh copy: the caller may change it. */
export function decodeServed(resource: ServedResource, entry: StoreEntry): KubernetesObject {
  const stored = decodeStored(entry.value);
  if (isKnownAsStored(resource, entry)) return stored;
  return resource.storage.fromStored?.(stored) ?? stored;
}

/** The same as far as its metadata, which is read alone where it can be. */
export function decodeServedMetadata(
  resource: ServedResource,
  entry: StoreEntry,
): Pick<KubernetesObject, 'metadata'> {
  if (!isKnownAsStored(resource, entry)) return decodeServed(resource, entry);
  return { metadata: decodeStoredMetadata(entry.value) };
}

/** The object's JSON in the version that `resource` serves: the stored bytes where they say that. */
export function servedBytes(resource: ServedResource, entry: StoreEntry): Uint8Array {
  if (isKnownAsStored(resource, entry)) return entry.value;
  const bytes = Buffer.from(JSON.stringify(decodeServed(resource, entry)));
  const { asStored } = resource.storage;
  if (asStored === undefined || !bytes.equals(entry.value)) return bytes;
  asStored.add(entry);
  return entry.value;
}

/** Tells whether all of a page goes out as it is stored; gives way while it finds out. */
export async function areAsStored(
  resource: ServedResource,
  entries: readonly StoreEntry[],
): Promise<boolean> {
  if (resource.storage.fromStored === undefined) return true;
  if (resource.storage.asStored === undefined) return false;
  for (const entry of entries) {
    if (isKnownAsStored(resource, entry)) continue;
    await giveWay();
    if (servedBytes(resource, entry) !== entry.value) return false;
  }
  return true;
}

function isKnownAsStored({ storage }: ServedResource, entry: StoreEntry): boolean {
  return storage.fromStored === undefined || storage.asStored?.has(entry) === true;
}
