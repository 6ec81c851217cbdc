import {
  type DeleteOptions,
  type KubernetesObject,
  conflict,
  forbidden,
  formatTime,
  notFound,
} from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { admissionRequest } from './admission-request.ts';
import { encodeStored, isStored } from './encode-stored.ts';
import { type IncomingObject, asIncoming } from '../content/incoming-object.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import { modifiedMeanwhile } from './prepare-replacement.ts';
import { isDone, removeEntry } from './remove-object.ts';
import { storageKey } from '../storage/storage-key.ts';
import { noteWritten, serveEntry } from '../reads/served-entries.ts';

/** `marked`: the object lives on until its grace and finalizers are over. */
export type Deletion =
  | { readonly kind: 'removed'; readonly object: KubernetesObject }
  | { readonly kind: 'marked'; readonly object: KubernetesObject; readonly entry?: StoreEntry };

const attemptsMax = 5;

/**
 * Deletes the object `name`, or marks it as going away when something has to happen first.
 *
 * Errors: NotFound and Conflict `ApiError`. Source: API concepts, "Resource deletion".
 */
export async function deleteObject(
  call: Call<WriteParts>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  options: DeleteOptions,
): Promise<Deletion> {
  const { resource, parts } = call;
  const subject = { ...resource, name };
  for (let attempt = 1; ; attempt++) {
    const entry = await parts.store.get(storageKey(resource, namespace, name));
    if (entry === undefined) throw notFound(subject);
    const served = await serveEntry(resource, entry);
    const stored = decodeStored(served.value);
    checkPreconditions(call, stored, options);
    const write = { operation: 'DELETE', name, stored, options } as const;
    const admission = { ...admissionRequest(call, write), namespace };
    await parts.admission.admit(admission);
    await parts.admission.validate(admission);
    const refusal = resource.rules.deletion?.refusal?.(stored);
    if (refusal !== undefined) throw forbidden(subject, refusal);
    const marked = mark(call, asIncoming(decodeStored(served.value)), options);
    const deletion = await carryOut(call, {
      entry,
      stored,
      marked,
      isDryRun: options.dryRun !== undefined,
    });
    if (deletion !== undefined) return deletion;
    if (attempt >= attemptsMax) throw conflict(subject, modifiedMeanwhile);
  }
}

/** Errors: Conflict `ApiError` when an object is not the one, or not as, its caller knows it. */
export function checkPreconditions(
  call: Call,
  stored: KubernetesObject,
  { preconditions = {} }: Pick<DeleteOptions, 'preconditions'>,
): void {
  const { uid, resourceVersion } = preconditions;
  const { name = '', uid: storedUid, resourceVersion: storedVersion } = stored.metadata ?? {};
  const subject = { group: call.resource.group, plural: call.resource.kind, name };
  if (uid !== undefined && uid !== storedUid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${storedUid}). The object might have been deleted and then recreated`;
    throw conflict(subject, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== storedVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${storedVersion}). The object might have been modified`;
    throw conflict(subject, why);
  }
}

/** The object as it goes away; undefined when nothing has to happen before its end. */
function mark(
  { resource, parts }: Call<WriteParts>,
  draft: IncomingObject,
  options: DeleteOptions,
): IncomingObject | undefined {
  const { metadata } = draft;
  const rules = resource.rules.deletion;
  setPropagation(draft, options.propagationPolicy);
  const graceSeconds = graceOf(resource, draft, options.gracePeriodSeconds);
  const hasFinalizers = (metadata.finalizers ?? []).length > 0;
  const isAtOnce = graceSeconds === 0 && !hasFinalizers && rules?.isHeld?.(draft) !== true;
  // Who follows an object that has a grace is told of its end before it comes, however short.
  if (isAtOnce && rules?.graceSeconds === undefined) return undefined;
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = formatTime(parts.clock.now() + durationMs(graceSeconds));
    if (rules?.isQuiet !== true && metadata.generation !== undefined) metadata.generation++;
  } else {
    const savedMs = durationMs(metadata.deletionGracePeriodSeconds ?? 0) - durationMs(graceSeconds);
    const endsMs = Date.parse(metadata.deletionTimestamp) - savedMs;
    metadata.deletionTimestamp = formatTime(endsMs);
  }
  if (rules?.isQuiet !== true) metadata.deletionGracePeriodSeconds = graceSeconds;
  rules?.begin?.(draft);
  return draft;
}

/** How long the object stays. Asking again can only make that shorter. */
function graceOf(
  { rules }: Call['resource'],
  draft: IncomingObject,
  requestedSeconds: number | undefined,
): number {
  const graceSeconds = rules.deletion?.graceSeconds;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = draft.metadata;
  if (deletionTimestamp === undefined) return graceSeconds?.(draft, requestedSeconds) ?? 0;
  if (graceSeconds === undefined || requestedSeconds === undefined) {
    return deletionGracePeriodSeconds;
  }
  const shorterSeconds = graceSeconds(draft, requestedSeconds);
  return shorterSeconds < deletionGracePeriodSeconds ? shorterSeconds : deletionGracePeriodSeconds;
}

/**
 * As Go has it, whose durations are nanoseconds in 64 bits: of more than 292 years the upper bits are
 * lost. A pod may ask for so many seconds that they come as a `bigint`.
 */
function durationMs(seconds: number | bigint): number {
  return Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n);
}

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** The garbage collector does what the finalizer says, then takes it away. */
function setPropagation({ metadata }: IncomingObject, policy: string | undefined): void {
  if (policy === undefined) return;
  const kept = (metadata.finalizers ?? []).filter((each) => each !== foreground && each !== orphan);
  if (policy === 'Foreground') kept.push(foreground);
  if (policy === 'Orphan') kept.push(orphan);
  if (kept.length > 0 || metadata.finalizers !== undefined) metadata.finalizers = kept;
}

async function carryOut(
  call: Call<WriteParts>,
  plan: {
    readonly entry: StoreEntry;
    readonly stored: KubernetesObject;
    readonly marked: IncomingObject | undefined;
    readonly isDryRun: boolean;
  },
): Promise<Deletion | undefined> {
  const { entry, stored, marked, isDryRun } = plan;
  if (marked === undefined) {
    return isDryRun ? { kind: 'removed', object: stored } : await remove(call, { entry, stored });
  }
  const isOver = isDone(call.resource, marked);
  if (isDryRun) return { kind: isOver ? 'removed' : 'marked', object: marked };
  const bytes = await encodeStored(call, marked);
  // A repeated deletion that changes nothing is not written, so watches see no event.
  const isRepeated = await isStored(call, bytes, { entry, stored: () => stored });
  const written = isRepeated ? entry : await replace(call, entry, bytes);
  if (written === undefined) return undefined;
  if (isOver) return await remove(call, { entry: written, stored: marked });
  return { kind: 'marked', object: isRepeated ? stored : marked, entry: written };
}

/** Undefined when the object has changed meanwhile, as with `remove`. */
async function replace(
  { resource, parts }: Call<WriteParts>,
  { key, revision }: StoreEntry,
  bytes: Uint8Array,
): Promise<StoreEntry | undefined> {
  const outcome = await parts.store.update(key, bytes, revision, resource.storage);
  if (outcome.kind === 'conflict') return undefined;
  noteWritten(resource, outcome.entry);
  return outcome.entry;
}

async function remove(
  call: Call<WriteParts>,
  last: { readonly entry: StoreEntry; readonly stored: KubernetesObject },
): Promise<Deletion | undefined> {
  const revision = await removeEntry(call, last);
  if (revision === undefined) return undefined;
  const metadata = { ...last.stored.metadata, resourceVersion: String(revision) };
  return { kind: 'removed', object: { ...last.stored, metadata } };
}
