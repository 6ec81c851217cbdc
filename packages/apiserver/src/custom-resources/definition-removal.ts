import type { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { ApiError, type Handler } from '@fairway/protocol';
import type { Store, StoreEntry } from '@fairway/store';
import { decodeStored } from '../objects/object-bytes.ts';
import { endOfPrefix } from '../objects/storage-key.ts';
import { callApi } from './call-api.ts';
import { customStoragePrefix } from './custom-resource.ts';

/** Keeps a definition until nothing is left of its objects. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * Deletes all objects of a definition and resolves when the last of them is gone, which their own
 * finalizers may put off.
 */
export async function removeObjects(
  definition: CustomResourceDefinition,
  parts: { readonly store: Store; readonly handler: Handler; readonly signal: AbortSignal },
): Promise<void> {
  const { store, signal } = parts;
  const prefix = customStoragePrefix(definition);
  const range = { start: prefix, end: endOfPrefix(prefix) };
  while (!signal.aborted) {
    const page = await store.list(range);
    if (page.entries.length === 0) return;
    for (const entry of page.entries) await removeObject(definition, entry, parts);
    const left = await store.list(range);
    if (left.entries.length === 0) return;
    await nextChange(store.watch(range, left.revision, signal));
  }
  throw signal.reason;
}

async function removeObject(
  definition: CustomResourceDefinition,
  entry: StoreEntry,
  { store, handler }: { readonly store: Store; readonly handler: Handler },
): Promise<void> {
  const { metadata = {} } = decodeStored(entry.value);
  if (metadata.deletionTimestamp !== undefined) return;
  const { group, names, versions } = definition.spec;
  const version = versions.find(({ served }) => served)?.name;
  if (version === undefined) {
    await store.delete(entry.key, entry.revision);
    return;
  }
  const { name = '', namespace } = metadata;
  const place = namespace === undefined ? '' : `/namespaces/${namespace}`;
  try {
    await callApi(handler, 'DELETE', `/apis/${group}/${version}${place}/${names.plural}/${name}`);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
  }
}

async function nextChange(batches: ReturnType<Store['watch']>): Promise<void> {
  for await (const { events } of batches) if (events.length > 0) return;
}
