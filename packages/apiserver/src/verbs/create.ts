import { type HttpResponse, parseCreateOptions } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import { decodeObject } from '../content/decode-object.ts';
import { encodeEntry, encodeObject } from '../content/encode-object.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { commitNew } from '../objects/commit.ts';
import { withReservation } from '../objects/reserver.ts';
import { prepareNew } from '../objects/prepare-new.ts';
import type { Call } from './call.ts';
import { readBody } from './read-body.ts';

/** Answers `POST` on a collection. */
export async function createObject(call: Call): Promise<HttpResponse> {
  const { request, resource, parts } = call;
  const options = parseCreateOptions(request.query);
  const representation = chooseRepresentation(request, resource);
  const body = await readBody(request);
  const { fieldValidation = 'Warn' } = options;
  const draft = await prepareNew(call, decodeObject(call, resource, { body, fieldValidation }));
  call.warnings.push(...(resource.rules.warnings?.(draft) ?? []));
  const isDryRun = options.dryRun !== undefined;
  const write = (): Promise<StoreEntry | undefined> =>
    isDryRun ? Promise.resolve(undefined) : commitNew(call, draft);
  const scope = { resource, reservers: parts.reservers };
  const entry = await withReservation(scope, { draft, isDryRun }, write);
  return entry === undefined
    ? encodeObject(call, representation, { status: 201, object: draft })
    : encodeEntry(call, representation, { status: 201, entry });
}
