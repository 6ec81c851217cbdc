import { type HttpResponse, type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import { itemOffset } from '../objects/object-bytes.ts';
import { decodeServed, decodeServedMetadata } from '../objects/stored-facts.ts';
import type { Call, ReadParts } from '../verbs/call.ts';
import type { ListPage } from '../objects/read-page.ts';
import { encodeValue, respond } from './encode-value.ts';
import { partialMetadataList } from './partial-metadata.ts';
import type { Representation } from './representation.ts';
import { tableOf } from './table.ts';

/** Below this size a list goes out in one piece, with its length. */
const onePieceBytesMax = 128 * 1024;

/** Answers with a list; as JSON its items go out as they are kept. */
export function encodeList(
  call: Call<ReadParts>,
  representation: Representation,
  page: ListPage,
): HttpResponse {
  const { format, form, isPretty } = representation;
  const isAsKept = call.resource.storage.fromStored === undefined;
  if (format === 'json' && form === 'object' && isAsKept && !isPretty) {
    return respond(200, joinList(call, page), representation);
  }
  return respond(
    200,
    encodeValue(shapeList(call, representation, page), representation),
    representation,
  );
}

function joinList(call: Call<ReadParts>, page: ListPage): Uint8Array | AsyncIterable<Uint8Array> {
  const { resource, parts } = call;
  const offset = resource.isBuiltIn ? itemOffset(resource, apiVersionOf(resource)) : 0;
  const head = Buffer.from(listHead(call, page));
  let sizeBytes = 0;
  for (const entry of page.entries) sizeBytes += entry.value.length;
  if (sizeBytes > onePieceBytesMax) return streamList(head, parts.runs.join(page.entries, offset));
  return Buffer.concat([head, ...parts.runs.join(page.entries, offset), listTail]);
}

const listTail = Buffer.from(']}\n');

function listHead({ resource }: Call, page: ListPage): string {
  const { listKind } = resource;
  const start = JSON.stringify({
    kind: listKind,
    apiVersion: apiVersionOf(resource),
    metadata: page.metadata,
  });
  return `${start.slice(0, -1)},"items":[`;
}

async function* streamList(
  head: Uint8Array,
  runs: Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield head;
  yield* runs;
  yield listTail;
}

function shapeList(call: Call<ReadParts>, representation: Representation, page: ListPage): object {
  const { resource, parts } = call;
  const decode = representation.form === 'metadata' ? decodeServedMetadata : decodeServed;
  const objects: readonly KubernetesObject[] = page.entries.map((entry) => decode(resource, entry));
  switch (representation.form) {
    case 'table': {
      const source = {
        objects,
        metadata: page.metadata,
        nowMs: parts.clock.now(),
        hasColumns: true,
      };
      return tableOf(resource, source, representation);
    }
    case 'metadata':
      return partialMetadataList(objects, page.metadata, representation.metaVersion);
    case 'object':
      return {
        kind: resource.listKind,
        apiVersion: apiVersionOf(resource),
        metadata: page.metadata,
        items: resource.isBuiltIn ? objects.map(withoutKind) : objects,
      };
  }
}

function withoutKind<T extends { kind?: string; apiVersion?: string }>(object: T): object {
  const { kind: _, apiVersion: __, ...rest } = object;
  return rest;
}
