import { type KubernetesObject, alreadyExists, badRequest } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { Call } from '../verbs/call.ts';
import type { IncomingObject } from './incoming-object.ts';
import { generateName } from './generate-name.ts';
import { conformToSchema } from '../schema/conform.ts';
import { encodeForStore } from './object-bytes.ts';
import { storageKey } from './storage-key.ts';

const generatedNamesMax = 8;

/**
 * Stores a new object. A name that the server made up is made up again while it is taken.
 * Errors: AlreadyExists `ApiError`.
 */
export async function commitNew(call: Call, draft: IncomingObject): Promise<StoreEntry> {
  const { resource, target, parts } = call;
  const wasGenerated = draft.metadata.name !== '' && target.name === '' && isGenerated(draft);
  for (let tries = 1; ; tries++) {
    const name = draft.metadata.name ?? '';
    const key = storageKey(resource, target.namespace, name);
    const outcome = await parts.store.create(key, encodeStored(call, draft));
    if (outcome.kind === 'created') return outcome.entry;
    if (!wasGenerated || tries >= generatedNamesMax) throw alreadyExists({ ...resource, name });
    draft.metadata.name = generateName(draft.metadata.generateName ?? '', parts.random);
  }
}

/** The bytes of an object in the version that the store keeps. */
export function encodeStored({ resource, parts }: Call, object: KubernetesObject): Uint8Array {
  const { apiVersion, toStored } = resource.storage;
  if (toStored === undefined) return encodeForStore(object);
  const stored = toStored(object);
  // A conversion may bring in what the caller wrote as text, so it is judged like any other body.
  const schema = parts.schemas.lookup(apiVersion, resource.kind) ?? {};
  const { typeError } = conformToSchema(stored, { schema, kind: resource.kind });
  if (typeError !== undefined) throw badRequest(typeError);
  return encodeForStore(stored);
}

function isGenerated({ metadata: { name = '', generateName = '' } }: IncomingObject): boolean {
  return (
    generateName !== '' && name.startsWith(generateName) && name.length === generateName.length + 5
  );
}
