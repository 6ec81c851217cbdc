import {
  type KubernetesObject,
  encodeKubernetesProtobufFrame,
  encodeWatchFrame,
  stringifyJson,
} from '@fairway/protocol';
import { protobufTable } from '@fairway/kinds/protobuf';
import {
  decodeStored,
  decodeStoredMetadata,
  stampResourceVersion,
} from '../storage/object-bytes.ts';
import type { StoreEntry } from '@fairway/store';
import type { Call, ShowParts } from '../calls/call.ts';
import type { FrameWriter, WatchEventType } from './frame-writer.ts';
import { partialMetadataBytes } from './partial-metadata.ts';
import type { Representation } from './representation.ts';
import { shapeObject } from './shape-object.ts';

/** A writer for one watch. */
export function frameWriter(call: Call<ShowParts>, representation: Representation): FrameWriter {
  const { format, form } = representation;
  if (format === 'json' && form !== 'table') return jsonFrames(call, representation);
  let isFirst = true;
  return {
    // The first row of a table brings the columns, so tables differ from watch to watch.
    ...(form === 'table' ? {} : { sharedAs: sharedName(call, representation) }),
    object: (type, entry, revision) => {
      const { value } = atRevision(entry, revision);
      const object =
        form === 'metadata' ? { metadata: decodeStoredMetadata(value) } : decodeStored(value);
      const shaped = shapeObject(call, representation, { object, hasColumns: isFirst });
      isFirst = false;
      return frame(type, shaped, representation);
    },
    value: (type, value) => frame(type, value, representation),
  };
}

function sharedName(
  { resource: { group, version, kind } }: Call,
  { format, form, metaVersion }: Representation,
): string {
  return `${group}/${version}/${kind} ${format} ${form} ${metaVersion}`;
}

/** Of the very bytes that are stored. */
function jsonFrames(call: Call<ShowParts>, representation: Representation): FrameWriter {
  const { form, metaVersion } = representation;
  return {
    sharedAs: sharedName(call, representation),
    object: (type, entry, revision) => {
      const { value } = atRevision(entry, revision);
      const object = form === 'metadata' ? partialMetadataBytes(value, metaVersion) : value;
      return encodeWatchFrame(type, object);
    },
    value: (type, value) => encodeWatchFrame(type, Buffer.from(stringifyJson(value))),
  };
}

/** A deleted object carries the revision of its deletion; its content is the last one it had. */
function atRevision(entry: StoreEntry, revision: number): StoreEntry {
  if (entry.revision === revision) return entry;
  return { ...entry, value: stampResourceVersion(entry.value, revision) };
}

function frame(type: WatchEventType, object: object, { format }: Representation): Uint8Array {
  if (format === 'protobuf') {
    const table = protobufTable();
    return encodeKubernetesProtobufFrame({ type, object }, table, { leavesOutWrongValues: true });
  }
  return Buffer.from(`${stringifyJson({ type, object })}\n`);
}

/** The object of a BOOKMARK: nothing but how far the watch has come. */
export function bookmarkOf(
  call: Call<ShowParts>,
  revision: number,
  options: { readonly endsInitialEvents: boolean },
): KubernetesObject {
  const { kind, group, version } = call.resource;
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return {
    kind,
    apiVersion: group === '' ? version : `${group}/${version}`,
    metadata: {
      resourceVersion: String(revision),
      ...(options.endsInitialEvents ? { annotations } : {}),
    },
  };
}
