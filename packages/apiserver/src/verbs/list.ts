import type { HttpResponse, ListOptions } from '@fairway/protocol';
import { encodeList } from '../content/encode-list.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { readPage } from '../reads/read-page.ts';
import { selectObjects } from '../reads/selection.ts';
import type { Call } from '../calls/call.ts';
import type { ReadParts } from '../reads/read-page.ts';

/** Answers `GET` on a collection: one page of objects, all as of one revision. */
export async function listObjects(
  call: Call<ReadParts>,
  options: ListOptions,
): Promise<HttpResponse> {
  const representation = chooseRepresentation(call.request, call.resource);
  const selection = selectObjects(call.resource, call.target.namespace, options);
  const page = await readPage(call, selection, options);
  return encodeList(call, representation, page);
}
