import { type DeleteOptions, type KubernetesObject, conflict, notFound } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { encodeWritten } from './encode-stored.ts';
import { modifiedMeanwhile } from './prepare-replacement.ts';
import { type IncomingObject, asIncoming } from '../content/incoming-object.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import { storageKey } from '../storage/storage-key.ts';
import { noteWritten, serveEntry } from '../reads/served-entries.ts';

type Preconditions = NonNullable<DeleteOptions['preconditions']>;

/** How the server itself changes what is stored. */
export interface StoredChange {
  readonly name: string;
  /** Of which object, and of which version of it. */
  readonly preconditions: Preconditions;
  readonly isDryRun: boolean;
  /** Changes a draft of the object in place, or throws why it may not be. May be called again. */
  readonly change: (draft: IncomingObject) => void;
}

const attemptsMax = 5;

/**
 * Changes a stored object in a way that only the server knows of: neither admission nor the rules of
 * its kind look at the outcome, and nobody is noted as the owner. Answers the object as it is then.
 *
 * Errors: NotFound and Conflict `ApiError`s, and what `change` throws.
 */
export async function changeStored(
  call: Call<WriteParts>,
  { name, preconditions, isDryRun, change }: StoredChange,
): Promise<KubernetesObject> {
  const { resource, target, parts } = call;
  const key = storageKey(resource, target.namespace, name);
  for (let attempt = 1; ; attempt++) {
    const entry = await parts.store.get(key);
    if (entry === undefined) throw notFound({ ...resource, name });
    const draft = asIncoming(decodeStored((await serveEntry(resource, entry)).value));
    checkPreconditions(call, { entry, draft, preconditions });
    change(draft);
    const bytes = await encodeWritten(call, draft);
    if (isDryRun) return draft;
    const outcome = await parts.store.update(key, bytes, entry.revision, resource.storage);
    if (outcome.kind === 'updated') {
      noteWritten(resource, outcome.entry);
      return draft;
    }
    if (attempt >= attemptsMax) throw conflict({ ...resource, name }, modifiedMeanwhile);
  }
}

function checkPreconditions(
  { resource }: Call,
  {
    entry,
    draft,
    preconditions,
  }: {
    readonly entry: StoreEntry;
    readonly draft: IncomingObject;
    readonly preconditions: Preconditions;
  },
): void {
  const { name = '', uid, resourceVersion } = draft.metadata;
  for (const [what, wanted, stored] of [
    ['UID', preconditions.uid, uid],
    ['ResourceVersion', preconditions.resourceVersion, resourceVersion],
  ] as const) {
    if (!wanted || wanted === stored) continue;
    throw conflict(
      { ...resource, name },
      `StorageError: invalid object, Code: 4, Key: ${entry.key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${stored}`,
    );
  }
}
