import { giveWay } from '@fairway/host';
import {
  type KubernetesObject,
  type WriteOptions,
  ApiError,
  alreadyExists,
  failureOf,
  forbidden,
} from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { encodeWritten } from './encode-stored.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import { prepareNew } from './prepare-new.ts';
import { withAllocation } from '../allocators/allocator.ts';
import { decodeStoredMetadata } from '../storage/object-bytes.ts';
import { storageKey } from '../storage/storage-key.ts';
import { noteWritten } from '../reads/served-entries.ts';

/** How a new object comes about. */
export interface Creation {
  /** Reads the object from the request, afresh each time. */
  readonly decode: () => Promise<IncomingObject>;
  readonly options: WriteOptions;
  /** Somebody applied it, and who owns what is settled. */
  readonly isApply?: boolean;
}

/** `entry` is absent after a dry run, which left the store as it was. */
export interface Created {
  readonly object: KubernetesObject;
  readonly entry?: StoreEntry;
}

const generatedNamesMax = 8;

/**
 * Makes and stores a new object. While a name that the server made up is taken, the object is made
 * again from its beginning, because more of it than the name may follow from the name.
 *
 * Errors: AlreadyExists, Invalid, Forbidden … `ApiError`.
 */
export async function createNew(
  call: Call<WriteParts>,
  { decode, options, isApply = false }: Creation,
): Promise<Created> {
  const isDryRun = options.dryRun !== undefined;
  for (let tries = 1; ; tries++) {
    const decoded = await decode();
    refuseCreate(call, decoded);
    const { name = '', resourceVersion = '' } = decoded.metadata;
    const isNamedByCaller = name !== '';
    const draft = await prepareNew(call, decoded, { options, isApply });
    if (!isDryRun && /^[1-9]\d*$/.test(resourceVersion)) throw versionOfNew();
    await giveWay();
    const created = await withAllocation(call, { draft, isDryRun }, () =>
      isDryRun ? tryOut(call, draft) : store(call, draft),
    );
    if (created !== undefined) return created;
    if (isNamedByCaller || tries >= generatedNamesMax) throw await nameTaken(call, draft);
  }
}

async function nameTaken(call: Call<WriteParts>, draft: IncomingObject): Promise<Error> {
  const error = alreadyExists({ ...call.resource, name: draft.metadata.name ?? '' });
  const entry = await call.parts.store.get(keyOf(call, draft));
  if (entry === undefined) return error;
  if (decodeStoredMetadata(entry.value).deletionTimestamp === undefined) return error;
  const { status } = error;
  return new ApiError({ ...status, message: `object is being deleted: ${status.message}` });
}

function refuseCreate({ resource }: Call, { metadata }: IncomingObject): void {
  const { createRefusal } = resource;
  if (createRefusal === undefined) return;
  throw forbidden({ ...resource, name: metadata.name ?? '' }, createRefusal);
}

/** The words of the storage of a kube-apiserver, which finds it when all else is fine. */
function versionOfNew(): Error {
  const message = 'resourceVersion should not be set on objects to be created';
  return new ApiError(failureOf({ message }, 500));
}

/** Undefined when the name is taken. */
async function store(call: Call<WriteParts>, object: IncomingObject): Promise<Created | undefined> {
  const { storage } = call.resource;
  const value = await encodeWritten(call, object);
  const outcome = await call.parts.store.create(keyOf(call, object), value, storage);
  if (outcome.kind !== 'created') return undefined;
  noteWritten(call.resource, outcome.entry);
  return { object, entry: outcome.entry };
}

async function tryOut(
  call: Call<WriteParts>,
  object: IncomingObject,
): Promise<Created | undefined> {
  // What could not be stored is refused here too.
  await encodeWritten(call, object);
  const taken = await call.parts.store.get(keyOf(call, object));
  return taken === undefined ? { object } : undefined;
}

function keyOf({ resource, target }: Call, { metadata }: IncomingObject): string {
  return storageKey(resource, target.namespace, metadata.name ?? '');
}
