import type { HttpResponse, KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import { serveEntry } from '../reads/served-entries.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import type { Call, ShowParts } from '../calls/call.ts';
import { encodeJsonBytes, encodeValue, respond } from './encode-value.ts';
import type { Representation } from './representation.ts';
import { shapeObject } from './shape-object.ts';

/** Answers with a stored object; as JSON its bytes go out as they are kept. */
export async function encodeEntry(
  call: Call<ShowParts>,
  representation: Representation,
  answer: { readonly status: number; readonly entry: StoreEntry },
): Promise<HttpResponse> {
  const { value } = await serveEntry(call.resource, answer.entry);
  if (representation.form === 'object') {
    const bytes = encodeJsonBytes(value, representation);
    return respond(answer.status, bytes, representation);
  }
  const object = decodeStored(value);
  return encodeObject(call, representation, { status: answer.status, object });
}

/** Answers with an object that is not in the store, or not in this form. */
export function encodeObject(
  call: Call<ShowParts>,
  representation: Representation,
  answer: { readonly status: number; readonly object: KubernetesObject },
): HttpResponse {
  const { object } = answer;
  const value = shapeObject(call, representation, { object, hasColumns: true });
  return respond(answer.status, encodeValue(value, representation), representation);
}
