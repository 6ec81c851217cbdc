import { type HttpResponse, notFound, parseListOptions } from '@fairway/protocol';
import { encodeEntry } from '../content/encode-object.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { storageKey } from '../storage/storage-key.ts';
import { requireReachedRevision } from '../reads/reached-revision.ts';
import type { Call } from '../calls/call.ts';
import type { ReadParts } from '../reads/read-page.ts';

/** Answers `GET` on an object. */
export async function getObject(call: Call<ReadParts>): Promise<HttpResponse> {
  const { resource, target, parts } = call;
  const representation = chooseRepresentation(call.request, resource);
  const { resourceVersion } = parseListOptions(call.request.query);
  const fresh = await requireReachedRevision(parts, resourceVersion, call.request.signal);
  const entry = await parts.store.get(storageKey(resource, target.namespace, target.name), fresh);
  if (entry === undefined) throw notFound({ ...resource, name: target.name });
  return encodeEntry(call, representation, { status: 200, entry });
}
