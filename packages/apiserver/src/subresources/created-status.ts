import type { HttpResponse } from '@fairway/protocol';
import { encodeValue, respond } from '../content/encode-value.ts';
import { chooseRepresentation, withoutTable } from '../content/representation.ts';
import type { Call } from '../calls/call.ts';

/** The answer to what was carried out and has nothing to show. */
export function createdStatus({ request }: Call): HttpResponse {
  const representation = chooseRepresentation(request, withoutTable);
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return respond(201, encodeValue(status, representation), representation);
}
