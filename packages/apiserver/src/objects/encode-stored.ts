import { type KubernetesObject, badRequest } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import { conformToSchema } from '@fairway/schema';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { asBuffer, encodeForStore, stampResourceVersion } from '../storage/object-bytes.ts';
import { checkObjectBytes } from '../storage/object-limits.ts';

/**
 * The bytes of an object in the version that the store keeps.
 *
 * Errors: BadRequest `ApiError`.
 */
export async function encodeStored(
  call: Call<Pick<WriteParts, 'schemas'>>,
  object: KubernetesObject,
): Promise<Uint8Array> {
  return encodeForStore(await storedForm(call, object));
}

/**
 * Refuses what a conversion brings in and no rule of a kind is made for: values of other types. Rules
 * of built-in kinds look at objects in the version that is stored.
 *
 * Errors: BadRequest `ApiError`.
 */
export async function checkStoredForm(
  call: Call<Pick<WriteParts, 'schemas'>>,
  object: KubernetesObject,
): Promise<void> {
  if (call.resource.isBuiltIn) await storedForm(call, object);
}

async function storedForm(
  { resource, parts }: Call<Pick<WriteParts, 'schemas'>>,
  object: KubernetesObject,
): Promise<KubernetesObject> {
  const { apiVersion, toStored } = resource.storage;
  if (toStored === undefined) return object;
  const [stored = object] = await toStored([object]);
  // A conversion may bring in what the caller wrote as text, so it is judged like any other body.
  const schema = parts.schemas.lookup(apiVersion, resource.kind) ?? {};
  const { typeError } = conformToSchema(stored, { schema, kind: resource.kind });
  if (typeError !== undefined) throw badRequest(typeError);
  return stored;
}

/**
 * The same for an object that a caller wrote, after defaults, patches and admission.
 *
 * Errors: also RequestEntityTooLarge `ApiError`.
 */
export async function encodeWritten(
  call: Call<Pick<WriteParts, 'schemas'>>,
  object: KubernetesObject,
): Promise<Uint8Array> {
  const bytes = await encodeStored(call, object);
  checkObjectBytes(bytes);
  return bytes;
}

/**
 * Tells whether the bytes are those that an entry holds, so that there is nothing to write. An entry
 * of another version, or of before its definition changed, holds others.
 *
 * Depends on the order of fields, which a client that sends back what it read keeps.
 */
export async function isStored(
  call: Call<Pick<WriteParts, 'schemas'>>,
  bytes: Uint8Array,
  {
    entry,
    stored,
  }: {
    readonly entry: StoreEntry;
    /** What the entry holds, as it is served; asked for where that is not what is stored. */
    readonly stored: () => KubernetesObject;
  },
): Promise<boolean> {
  if (call.resource.storage.toStored === undefined) {
    return asBuffer(stampResourceVersion(bytes, entry.revision)).equals(entry.value);
  }
  // Not every conversion there and back keeps the order.
  return asBuffer(bytes).equals(await encodeStored(call, stored()));
}
