import { type KubernetesObject, conflict, notFound } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { encodeWritten, isStored } from './encode-stored.ts';
import { modifiedMeanwhile } from './prepare-replacement.ts';
import { type IncomingObject, asIncoming } from '../content/incoming-object.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import { storageKey } from '../storage/storage-key.ts';
import { noteWritten, serveEntry } from '../reads/served-entries.ts';

/** How the server itself changes what is stored. */
export interface StoredChange {
  readonly name: string;
  /** Judged and encoded, but not written. */
  readonly isDryRun: boolean;
  /** Changes a draft of the object in place, or throws why it may not be. Called again after others wrote. */
  readonly change: (draft: IncomingObject) => void;
}

/** Whoever fails lost to a write that did not: of so many at once, all come through. */
const attemptsMax = 200;

/**
 * Changes a stored object in a way that only the server knows of: neither admission nor the rules of
 * its kind look at the outcome, and nobody is noted as the owner. Answers the object as it is then.
 *
 * Errors: NotFound and Conflict `ApiError`s, and what `change` throws.
 */
export async function changeStored(
  call: Call<WriteParts>,
  { name, isDryRun, change }: StoredChange,
): Promise<KubernetesObject> {
  const { resource, target, parts } = call;
  const key = storageKey(resource, target.namespace, name);
  for (let attempt = 1; ; attempt++) {
    const entry = await parts.store.get(key);
    if (entry === undefined) throw notFound({ ...resource, name });
    const served = await serveEntry(resource, entry);
    const draft = asIncoming(decodeStored(served.value));
    change(draft);
    const bytes = await encodeWritten(call, draft);
    const stored = (): KubernetesObject => decodeStored(served.value);
    const isUnchanged = await isStored(call, bytes, { entry, stored });
    if (isDryRun || isUnchanged) return draft;
    const outcome = await parts.store.update(key, bytes, entry.revision, resource.storage);
    if (outcome.kind === 'updated') {
      noteWritten(resource, outcome.entry);
      draft.metadata.resourceVersion = String(outcome.entry.revision);
      return draft;
    }
    if (attempt >= attemptsMax) throw conflict({ ...resource, name }, modifiedMeanwhile);
  }
}
