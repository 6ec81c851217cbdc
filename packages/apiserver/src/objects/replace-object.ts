import { giveWay } from '@fairway/host';
import { requireAccess } from '@fairway/access';
import { type KubernetesObject, type WriteOptions, conflict, notFound } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { type Created, createNew } from './create-new.ts';
import { encodeWritten, isStored } from './encode-stored.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import {
  type AdmissionView,
  checkIdentity,
  isVersion,
  modifiedMeanwhile,
  prepareReplacement,
} from './prepare-replacement.ts';
import { isDone, removeEntry } from './remove-object.ts';
import { allocatorOf, withAllocation } from '../allocators/allocator.ts';
import { storageKey } from '../storage/storage-key.ts';
import { differsInTimesOnly } from '../ownership/differs-in-times.ts';
import { noteWritten, serveEntry } from '../reads/served-entries.ts';

/** How one object follows from another. */
export interface Replacement {
  /** Makes the new object, which shares nothing with the stored one. */
  readonly change: (stored: KubernetesObject) => Promise<IncomingObject>;
  readonly options: WriteOptions;
  /** What to create when there is nothing to replace; absent: that is an error. */
  readonly createInstead?: () => Promise<IncomingObject>;
  /** Somebody applied it, and who owns what is settled. */
  readonly isApply?: boolean;
  readonly admissionView?: AdmissionView;
}

export interface Replaced extends Created {
  readonly status: 200 | 201;
}

const attemptsMax = 5;

/**
 * Replaces the object that a call is about, or finds that nothing has changed. A write that came
 * between is taken in by starting over, unless the caller asked for a version.
 *
 * Errors: NotFound, Conflict, Invalid … `ApiError`.
 */
export async function replaceObject(
  call: Call<WriteParts>,
  replacement: Replacement,
): Promise<Replaced> {
  const { resource, target, parts } = call;
  const { options, isApply = false, admissionView } = replacement;
  const isDryRun = options.dryRun !== undefined;
  const key = storageKey(resource, target.namespace, target.name);
  for (let attempt = 1; ; attempt++) {
    const entry = await parts.store.get(key);
    if (entry === undefined) return createInstead(call, replacement);
    const served = await serveEntry(resource, entry);
    const stored = decodeStored(served.value);
    const changed = await replacement.change(stored);
    const isBoundToVersion = isVersion(changed.metadata.resourceVersion ?? '');
    const update = { stored, options, isApply, admissionView };
    const draft = await prepareReplacement(call, changed, update);
    await giveWay();
    const replaced = await commit(call, { entry, stored, draft, isDryRun });
    if (replaced !== 'conflict') return replaced;
    if (attempt >= attemptsMax || (isBoundToVersion && !isPatch(call))) {
      throw conflict({ ...resource, name: target.name }, modifiedMeanwhile);
    }
  }
}

/** A patch is computed again from the current object; a whole object was made from one version. */
function isPatch({ target }: Call): boolean {
  return target.verb === 'patch';
}

/** An update that creates an object needs the right to create it. */
async function createInstead(call: Call<WriteParts>, replacement: Replacement): Promise<Replaced> {
  const { resource, target, request, parts } = call;
  const { createInstead: decode, options, isApply = false } = replacement;
  if (decode === undefined) throw notFound({ ...resource, name: target.name });
  checkIdentity(call, await decode());
  await requireAccess(parts.authorizer, { ...request, target: { ...target, verb: 'create' } });
  return { status: 201, ...(await createNew(call, { decode, options, isApply })) };
}

interface Commit {
  readonly entry: StoreEntry;
  readonly stored: KubernetesObject;
  readonly draft: IncomingObject;
  readonly isDryRun: boolean;
}

async function commit(call: Call<WriteParts>, write: Commit): Promise<Replaced | 'conflict'> {
  const { resource, parts } = call;
  const { entry, stored, draft, isDryRun } = write;
  const value = await encodeWritten(call, draft);
  const isUnchanged =
    differsInTimesOnly(draft, stored) ||
    (await isStored(call, value, { entry, stored: () => stored }));
  if (isUnchanged && !parts.isStale(entry.key)) return { status: 200, object: stored, entry };
  if (isDone(resource, draft) && !isDryRun) {
    const isRemoved = (await removeEntry(call, write)) !== undefined;
    return isRemoved ? { status: 200, object: draft } : 'conflict';
  }
  const written = await withAllocation(call, { draft, stored, isDryRun }, async () => {
    if (isDryRun) return undefined;
    // An allocator writes what it chose into the draft.
    const bytes = allocatorOf(call) === undefined ? value : await encodeWritten(call, draft);
    const outcome = await parts.store.update(entry.key, bytes, entry.revision, resource.storage);
    if (outcome.kind === 'conflict') return undefined;
    noteWritten(resource, outcome.entry);
    return outcome.entry;
  });
  if (isDryRun) keepVersion(draft, stored);
  else if (written === undefined) return 'conflict';
  return { status: 200, object: draft, ...(written === undefined ? {} : { entry: written }) };
}

/** What was not written has the version that it had. */
function keepVersion({ metadata }: IncomingObject, stored: KubernetesObject): void {
  const { resourceVersion } = stored.metadata ?? {};
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
}
