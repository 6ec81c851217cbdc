import type { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { giveWay } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import {
  CompactedError,
  SlowWatcherError,
  type KeyRange,
  prefixRange,
  type Store,
  type StoreEntry,
} from '@fairway/store';
import { decodeStored } from '../storage/object-bytes.ts';
import { callApi, unless } from '../calls/call-api.ts';
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
  const range = prefixRange(customStoragePrefix(definition));
  while (!signal.aborted) {
    const page = await store.list(range);
    if (page.entries.length === 0) return;
    for (const entry of page.entries) {
      await giveWay();
      await removeObject(definition, entry, parts);
    }
    const removeLate = (entry: StoreEntry): Promise<void> => removeObject(definition, entry, parts);
    if (await watchUntilEmpty(range, { ...parts, after: page.revision, removeLate })) return;
  }
  throw signal.reason;
}

/**
 * True when nothing is left. Looks at what changes only, since every object has been deleted or
 * marked; false when the watch broke.
 */
async function watchUntilEmpty(
  range: KeyRange,
  {
    store,
    signal,
    after,
    removeLate,
  }: {
    readonly store: Store;
    readonly signal: AbortSignal;
    readonly after: number;
    readonly removeLate: (entry: StoreEntry) => Promise<void>;
  },
): Promise<boolean> {
  try {
    for await (const { events } of store.watch(range, after, signal)) {
      for (const event of events) if (event.kind === 'put') await removeLate(event.entry);
      if ((await store.list(range, { limit: 1 })).entries.length === 0) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof SlowWatcherError || error instanceof CompactedError) return false;
    throw error;
  }
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
  const path = `/apis/${group}/${version}${place}/${names.plural}/${name}`;
  await unless('NotFound', callApi(handler, 'DELETE', path));
}
