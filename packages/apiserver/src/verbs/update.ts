import { type HttpResponse, invalid, invalidValue, parseUpdateOptions } from '@fairway/protocol';
import { decodeObject } from '../content/decode-object.ts';
import { chooseRepresentation } from '../content/representation.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import { checkNames, isVersion } from '../objects/prepare-replacement.ts';
import { replaceObject } from '../objects/replace-object.ts';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { answerWritten } from './create.ts';
import { readObjectBody } from '../content/read-object-body.ts';

/** Answers `PUT` on an object or on its status. */
export async function updateObject(call: Call<WriteParts>): Promise<HttpResponse> {
  const { request, resource, target } = call;
  const options = parseUpdateOptions(request.query);
  const { fieldValidation = 'Warn' } = options;
  const representation = chooseRepresentation(request, resource);
  const body = await readObjectBody(call);
  const decode = (): Promise<IncomingObject> =>
    decodeObject(call, resource, { body, fieldValidation });
  const first = await decode();
  checkNames(call, first);
  let attempts = 0;
  const mayCreate = resource.strategy.createsOnUpdate && target.subresource === '';
  const replaced = await replaceObject(call, {
    // An attempt fills its draft in, so each one but the first decodes the body again.
    change: async () => {
      const draft = attempts++ === 0 ? first : await decode();
      requireVersion(call, draft);
      return draft;
    },
    options,
    ...(mayCreate ? { createInstead: decode } : {}),
  });
  return answerWritten(call, representation, replaced);
}

/** Kinds go by their plural here. */
function requireVersion({ resource, target }: Call, { metadata }: IncomingObject): void {
  const { strategy, plural } = resource;
  if (!strategy.needsVersion || isVersion(metadata.resourceVersion ?? '')) return;
  throw invalid({ ...resource, kind: plural, name: target.name }, [
    invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
  ]);
}
