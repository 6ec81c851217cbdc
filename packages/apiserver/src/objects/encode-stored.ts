import { type KubernetesObject, badRequest } from '@fairway/protocol';
import { conformToSchema } from '@fairway/schema';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { encodeForStore } from '../storage/object-bytes.ts';
import { checkObjectBytes } from '../storage/object-limits.ts';

/**
 * The bytes of an object in the version that the store keeps.
 *
 * Errors: BadRequest `ApiError`.
 */
export function encodeStored(
  { resource, parts }: Call<Pick<WriteParts, 'schemas'>>,
  object: KubernetesObject,
): Uint8Array {
  const { apiVersion, toStored } = resource.storage;
  if (toStored === undefined) return encodeForStore(object);
  const stored = toStored(object);
  // A conversion may bring in what the caller wrote as text, so it is judged like any other body.
  const schema = parts.schemas.lookup(apiVersion, resource.kind) ?? {};
  const { typeError } = conformToSchema(stored, { schema, kind: resource.kind });
  if (typeError !== undefined) throw badRequest(typeError);
  return encodeForStore(stored);
}

/**
 * The same for an object that a caller wrote, after defaults, patches and admission.
 *
 * Errors: also RequestEntityTooLarge `ApiError`.
 */
export function encodeWritten(
  call: Call<Pick<WriteParts, 'schemas'>>,
  object: KubernetesObject,
): Uint8Array {
  const bytes = encodeStored(call, object);
  checkObjectBytes(bytes);
  return bytes;
}
