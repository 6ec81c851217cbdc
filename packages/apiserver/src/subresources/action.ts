import { type HttpResponse, type WriteOptions, parseCreateOptions } from '@fairway/protocol';
import { decodeObject } from '../content/decode-object.ts';
import { encodeValue, respond } from '../content/encode-value.ts';
import type { ExpectedObject } from '../content/expected-object.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import { readObjectBody } from '../content/read-object-body.ts';
import { chooseRepresentation, withoutTable } from '../content/representation.ts';
import type { AdmissionRequest } from '../admission/admission-plugin.ts';
import { admissionRequest } from '../objects/admission-request.ts';
import { fitToCollection } from '../objects/prepare-new.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import type { Call } from '../calls/call.ts';

/** Something to be done with an object: it is sent like an object of its own, and is never stored. */
export interface Action {
  readonly object: IncomingObject;
  readonly options: WriteOptions;
  /** What the second phase of admission is to be told. */
  readonly admission: AdmissionRequest;
}

/** Reads what is to be done with the object `name`, by default the one that the body names, and admits it. */
export async function readAction(
  call: Call<WriteParts>,
  expected: ExpectedObject,
  name?: string,
): Promise<Action> {
  const { request, parts } = call;
  const options = parseCreateOptions(request.query);
  const { fieldValidation = 'Warn' } = options;
  const body = await readObjectBody(call);
  const object = await decodeObject(call, expected, { body, fieldValidation });
  fitToCollection(call, object);
  const { name: named = '' } = object.metadata;
  const admission = admissionRequest(call, { operation: 'CREATE', name: name ?? named, options });
  await parts.admission.admit({ ...admission, draft: object });
  return { object, options, admission };
}

/** The answer to what was carried out and has nothing to show. */
export function createdStatus({ request }: Call): HttpResponse {
  const representation = chooseRepresentation(request, withoutTable);
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return respond(201, encodeValue(status, representation), representation);
}
