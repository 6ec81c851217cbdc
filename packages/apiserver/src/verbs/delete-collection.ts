import { giveWay } from '@fairway/host';
import { type HttpResponse, ApiError, parseListOptions } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import { encodeList } from '../content/encode-list.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { deleteObject } from '../objects/delete-object.ts';
import { selectObjects } from '../reads/selection.ts';
import type { Call } from '../calls/call.ts';
import type { ReadParts } from '../reads/read-page.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { readDeleteOptions } from './delete.ts';
import { readPage } from '../reads/read-page.ts';

/** Answers `DELETE` on a collection: deletes what the selectors leave, and answers what that was. */
export async function deleteCollection(call: Call<ReadParts & WriteParts>): Promise<HttpResponse> {
  const { resource, target, request } = call;
  const representation = chooseRepresentation(request, resource);
  const listOptions = parseListOptions(request.query);
  const options = await readDeleteOptions(call);
  const selection = selectObjects(resource, target.namespace, listOptions);
  const page = await readPage(call, selection, listOptions);
  for (const entry of page.entries) {
    // Once the caller has left, the rest is not deleted: it was never told that everything was.
    request.signal.throwIfAborted();
    await giveWay();
    await deleteUnlessGone(call, entry, options);
  }
  return encodeList(call, representation, page);
}

type Options = Awaited<ReturnType<typeof readDeleteOptions>>;

async function deleteUnlessGone(
  call: Call<ReadParts & WriteParts>,
  entry: StoreEntry,
  options: Options,
): Promise<void> {
  const fields = call.parts.facts.fieldsOf(call.resource, entry);
  const namespace = fields['metadata.namespace'] ?? '';
  const name = fields['metadata.name'] ?? '';
  try {
    await deleteObject(call, { namespace, name }, options);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
  }
}
