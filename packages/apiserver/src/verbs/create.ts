import { type HttpResponse, parseCreateOptions } from '@fairway/protocol';
import { decodeObject } from '../content/decode-object.ts';
import { encodeEntry, encodeObject } from '../content/encode-object.ts';
import { type Representation, chooseRepresentation } from '../content/representation.ts';
import { type Created, createNew } from '../objects/create-new.ts';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { readObjectBody } from '../content/read-object-body.ts';

/** Answers `POST` on a collection. */
export async function createObject(call: Call<WriteParts>): Promise<HttpResponse> {
  const { request, resource } = call;
  const options = parseCreateOptions(request.query);
  const representation = chooseRepresentation(request, resource);
  const body = await readObjectBody(call);
  const { fieldValidation = 'Warn' } = options;
  const created = await createNew(call, {
    decode: () => decodeObject(call, resource, { body, fieldValidation }),
    options,
  });
  return answerWritten(call, representation, { status: 201, ...created });
}

/** Answers with an object that was written, or would have been. */
export async function answerWritten(
  call: Call<WriteParts>,
  representation: Representation,
  { status, object, entry }: Created & { readonly status: 200 | 201 },
): Promise<HttpResponse> {
  return entry === undefined
    ? encodeObject(call, representation, { status, object })
    : encodeEntry(call, representation, { status, entry });
}
