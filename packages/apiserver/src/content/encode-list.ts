import { giveWay } from '@fairway/host';
import { type HttpResponse, type ListMeta, apiVersionOf } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import { decodeStored, decodeStoredMetadata, itemOffset } from '../storage/object-bytes.ts';
import type { Call } from '../calls/call.ts';
import type { ReadParts } from '../reads/read-page.ts';
import type { ListPage } from '../reads/read-page.ts';
import { respond } from './encode-value.ts';
import { type ListEnvelope, listWriter } from './list-writer.ts';
import { partialMetadata } from './partial-metadata.ts';
import type { Representation } from './representation.ts';
import { tableEnvelope, tableRow } from './table.ts';

/** Below this size a list goes out in one piece, with its length. */
const onePieceBytesMax = 128 * 1024;

/** Answers with a list; as JSON its items go out as they are kept. */
export async function encodeList(
  call: Call<ReadParts>,
  representation: Representation,
  page: ListPage,
): Promise<HttpResponse> {
  const { format, form, isPretty } = representation;
  const isPlain = format === 'json' && form === 'object' && !isPretty;
  const body = isPlain ? joinList(call, page) : await writeList(call, representation, page);
  return respond(200, body, representation);
}

function joinList(call: Call<ReadParts>, page: ListPage): Uint8Array | AsyncIterable<Uint8Array> {
  const { resource, parts } = call;
  const offset = resource.isBuiltIn ? itemOffset(resource, apiVersionOf(resource)) : 0;
  const head = Buffer.from(listHead(call, page));
  let sizeBytes = 0;
  for (const entry of page.entries) sizeBytes += entry.value.length;
  if (sizeBytes > onePieceBytesMax) return streamList(head, parts.runs.join(page, offset));
  return Buffer.concat([head, ...parts.runs.join(page, offset), listTail]);
}

const listTail = Buffer.from(']}\n');

function listHead({ resource }: Call, page: ListPage): string {
  const { listKind } = resource;
  const start = JSON.stringify({
    kind: listKind,
    apiVersion: apiVersionOf(resource),
    metadata: metadataOf(resource, page.metadata),
  });
  return `${start.slice(0, -1)},"items":[`;
}

/** A list of custom resources says that it does not go on; one of a type leaves that out. */
function metadataOf({ isBuiltIn }: Call['resource'], metadata: ListMeta): ListMeta {
  return isBuiltIn ? metadata : { continue: '', ...metadata };
}

async function* streamList(
  head: Uint8Array,
  runs: Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield head;
  yield* runs;
  yield listTail;
}

/** How much is written before other requests get a turn of the event loop. */
const stepBytes = 64 * 1024;

/** Some items at a time, so that a long list is not on the event loop in one piece. */
async function writeList(
  call: Call<ReadParts>,
  representation: Representation,
  page: ListPage,
): Promise<Uint8Array> {
  const { envelope, shape } = listForm(call, representation, page.metadata);
  const writer = listWriter(envelope, representation);
  for (const entries of steps(page.entries)) {
    await giveWay();
    writer.add(entries.map(shape));
  }
  return writer.finish();
}

function* steps(entries: readonly StoreEntry[]): Generator<readonly StoreEntry[]> {
  let from = 0;
  let sizeBytes = 0;
  for (const [at, { value }] of entries.entries()) {
    sizeBytes += value.length;
    if (sizeBytes < stepBytes) continue;
    yield entries.slice(from, at + 1);
    from = at + 1;
    sizeBytes = 0;
  }
  if (from < entries.length) yield entries.slice(from);
}

function listForm(
  { resource, parts }: Call<ReadParts>,
  representation: Representation,
  metadata: ListMeta,
): { readonly envelope: ListEnvelope; readonly shape: (entry: StoreEntry) => object } {
  const { metaVersion } = representation;
  switch (representation.form) {
    case 'table': {
      const nowMs = parts.clock.now();
      return {
        envelope: {
          fields: tableEnvelope(resource, metadata, representation),
          itemsField: 'rows',
        },
        shape: (entry) =>
          tableRow(resource, { object: decodeStored(entry.value), nowMs }, representation),
      };
    }
    case 'metadata': {
      const apiVersion = `meta.k8s.io/${metaVersion}`;
      const fields = { kind: 'PartialObjectMetadataList', apiVersion, metadata };
      return {
        envelope: { fields, itemsField: 'items' },
        shape: ({ value }) =>
          partialMetadata({ metadata: decodeStoredMetadata(value) }, metaVersion),
      };
    }
    case 'object': {
      const fields = {
        kind: resource.listKind,
        apiVersion: apiVersionOf(resource),
        metadata: metadataOf(resource, metadata),
      };
      return {
        envelope: { fields, itemsField: 'items' },
        shape: (entry) => {
          const object = decodeStored(entry.value);
          return resource.isBuiltIn ? withoutKind(object) : object;
        },
      };
    }
  }
}

function withoutKind<T extends { kind?: string; apiVersion?: string }>(object: T): object {
  const { kind: _, apiVersion: __, ...rest } = object;
  return rest;
}
