import { type KubernetesObject, conflict, notFound } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { Call } from '../verbs/call.ts';
import { commitNew, encodeStored } from './commit.ts';
import type { IncomingObject } from './incoming-object.ts';
import { asBuffer, encodeForStore } from './object-bytes.ts';
import { modifiedMeanwhile, prepareReplacement } from './prepare-replacement.ts';
import { prepareNew } from './prepare-new.ts';
import { isDone, removeEntry } from './remove-object.ts';
import { withReservation } from './reserver.ts';
import { storageKey } from './storage-key.ts';
import { decodeServed } from './stored-facts.ts';

/** How one object follows from another. */
export interface Replacement {
  /** Makes the new object out of a fresh copy of the stored one, which it may change. */
  readonly change: (stored: KubernetesObject) => Promise<IncomingObject>;
  readonly isDryRun: boolean;
  /** What to create when there is nothing to replace; absent: that is an error. */
  readonly createInstead?: () => IncomingObject;
}

/** `entry` is absent after a dry run, which left the store as it was. */
export interface Replaced {
  readonly status: 200 | 201;
  readonly object: KubernetesObject;
  readonly entry?: StoreEntry;
}

const attemptsMax = 5;

/**
 * Replaces the object that a call is about, or finds that nothing has changed. A write that came
 * between is taken in by starting over, unless the caller asked for a version.
 *
 * Errors: NotFound, Conflict, Invalid … `ApiError`.
 */
export async function replaceObject(call: Call, replacement: Replacement): Promise<Replaced> {
  const { resource, target, parts } = call;
  const key = storageKey(resource, target.namespace, target.name);
  for (let attempt = 1; ; attempt++) {
    const entry = await parts.store.get(key);
    if (entry === undefined) return createInstead(call, replacement);
    const stored = decodeServed(resource, entry);
    const changed = await replacement.change(decodeServed(resource, entry));
    const isBoundToVersion = (changed.metadata.resourceVersion ?? '') !== '';
    const draft = await prepareReplacement(call, changed, stored);
    const replaced = await commit(call, { entry, stored, draft, isDryRun: replacement.isDryRun });
    if (replaced !== 'conflict') return replaced;
    if (attempt >= attemptsMax || (isBoundToVersion && !isPatch(call))) {
      throw conflict({ ...resource, name: target.name }, modifiedMeanwhile);
    }
  }
}

/** A patch is computed again from what is there now; a whole object says what it was made from. */
function isPatch({ target }: Call): boolean {
  return target.verb === 'patch';
}

async function createInstead(call: Call, replacement: Replacement): Promise<Replaced> {
  const { resource, target } = call;
  const made = replacement.createInstead?.();
  if (made === undefined) throw notFound({ ...resource, name: target.name });
  const draft = await prepareNew(call, made);
  const { isDryRun } = replacement;
  const entry = await withReservation(scopeOf(call), { draft, isDryRun }, async () =>
    isDryRun ? undefined : commitNew(call, draft),
  );
  if (entry === undefined) return { status: 201, object: draft };
  return { status: 201, object: decodeServed(resource, entry), entry };
}

function scopeOf({ resource, parts: { reservers } }: Call) {
  return { resource, reservers };
}

interface Commit {
  readonly entry: StoreEntry;
  readonly stored: KubernetesObject;
  readonly draft: IncomingObject;
  readonly isDryRun: boolean;
}

async function commit(call: Call, write: Commit): Promise<Replaced | 'conflict'> {
  const { resource, parts } = call;
  const { entry, stored, draft, isDryRun } = write;
  const value = encodeStored(call, draft);
  if (isSame(value, call, stored)) return { status: 200, object: stored, entry };
  if (isDone(resource, draft) && !isDryRun) {
    const isRemoved = await removeEntry(call, entry);
    return isRemoved ? { status: 200, object: draft } : 'conflict';
  }
  const written = await withReservation(scopeOf(call), { draft, stored, isDryRun }, async () => {
    if (isDryRun) return undefined;
    const bytes = encodeStored(call, draft);
    const outcome = await parts.store.update(entry.key, bytes, entry.revision);
    return outcome.kind === 'conflict' ? undefined : outcome.entry;
  });
  if (written === undefined && !isDryRun) return 'conflict';
  return { status: 200, object: draft, ...(written === undefined ? {} : { entry: written }) };
}

// The order of fields says nothing, but a caller that sends what it was given sends it in order.
function isSame(value: Uint8Array, { resource }: Call, stored: KubernetesObject): boolean {
  const before = encodeForStore(resource.storage.toStored?.(stored) ?? stored);
  return asBuffer(value).equals(before);
}
