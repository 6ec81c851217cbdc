import { type DeleteOptions, type HttpResponse, parseDeleteOptions } from '@fairway/protocol';
import { decodeOptions } from '../content/decode-options.ts';
import { encodeEntry, encodeObject } from '../content/encode-object.ts';
import { encodeValue, respond } from '../content/encode-value.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { type Deletion, deleteObject } from '../objects/delete-object.ts';
import type { Call } from '../calls/call.ts';
import type { BodyParts } from '../content/read-object-body.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { readObjectBody } from '../content/read-object-body.ts';

/** Answers `DELETE` on an object. */
export async function deleteOne(call: Call<WriteParts>): Promise<HttpResponse> {
  const representation = chooseRepresentation(call.request, call.resource);
  const options = await readDeleteOptions(call);
  const deletion = await deleteObject(call, call.target, options);
  const answersObject = call.resource.rules.deletion?.answersObject === true;
  if (deletion.kind === 'removed' && !answersObject) {
    const status = deletedStatus(call, deletion);
    return respond(200, encodeValue(status, representation), representation);
  }
  if (deletion.kind === 'marked' && deletion.entry !== undefined) {
    return encodeEntry(call, representation, { status: 200, entry: deletion.entry });
  }
  return encodeObject(call, representation, { status: 200, object: deletion.object });
}

/** Options of a deletion, from the query and the body. */
export async function readDeleteOptions(call: Call<BodyParts>): Promise<DeleteOptions> {
  const body = decodeOptions(call.request, await readObjectBody(call));
  return parseDeleteOptions({ query: call.request.query, body });
}

function deletedStatus({ resource, target }: Call, deletion: Deletion): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: target.name,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: deletion.object.metadata?.uid,
    },
  };
}
