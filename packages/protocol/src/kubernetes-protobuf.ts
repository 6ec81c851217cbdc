import type { KubernetesObject } from './object-meta.ts';
import { writeEnvelope } from './kubernetes-protobuf-envelope.ts';
import { writeRaw } from './protobuf-json-forms.ts';
import { ProtobufError } from './protobuf-error.ts';
import type { JsonObject, MessageCodec } from './protobuf-message-codec.ts';
import { ProtobufReader, wireTypes } from './protobuf-reader.ts';
import type { ProtobufTable } from './protobuf-table.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

export interface DecodedProtobuf {
  readonly apiVersion: string;
  readonly kind: string;
  /** The wire JSON of the object, `apiVersion` and `kind` included; the caller owns it. */
  readonly object: KubernetesObject;
}

/** How to read an object. */
export interface ProtobufReadOptions {
  /** Fields and elements, in all messages together. Any number unless told; `too-large` beyond. */
  readonly valuesMax?: number;
}

/**
 * Reads a body of type `application/vnd.kubernetes.protobuf` as the JSON object it stands for.
 *
 * Errors: `ProtobufError` for whatever is wrong with the bytes, `unknown-kind` included.
 */
export function decodeKubernetesProtobuf(
  bytes: Uint8Array,
  table: ProtobufTable,
  { valuesMax = Infinity }: ProtobufReadOptions = {},
): DecodedProtobuf {
  const object = table.readObject(new ProtobufReader(bytes, { valuesLeft: valuesMax }));
  const { apiVersion, kind } = object;
  return { apiVersion, kind, object };
}

/**
 * Writes an object as a body of type `application/vnd.kubernetes.protobuf`.
 *
 * Fields that its message does not have are left out: protobuf has no place for them.
 * Errors: `ProtobufError`, `unknown-kind` for a kind without a message (custom resources, `Table`).
 */
export function encodeKubernetesProtobuf(
  object: object,
  table: ProtobufTable,
  options: ProtobufWriteOptions = {},
): Uint8Array {
  const { type, codec } = kindOf(object, table);
  return written(options, (writer) => {
    writeEnvelope(writer, type, () => codec.writeFields(writer, object));
  });
}

/** How to write an object. */
export interface ProtobufWriteOptions {
  /**
   * Leaves values out that their fields cannot hold, as fields that a message does not have: one
   * stored object must not make a whole list fail. They are refused unless told.
   */
  readonly leavesOutWrongValues?: boolean;
}

/** What `write` writes; almost always there is nothing to leave out, and nothing to look for. */
function written(
  { leavesOutWrongValues = false }: ProtobufWriteOptions,
  write: (writer: ProtobufWriter) => void,
): Uint8Array {
  const writer = new ProtobufWriter();
  try {
    write(writer);
    return writer.finish();
  } catch (error) {
    if (!(error instanceof ProtobufError && leavesOutWrongValues)) throw error;
  }
  const lenient = new ProtobufWriter({ leavesOutWrongValues });
  write(lenient);
  return lenient.finish();
}

/**
 * Writes such a body in parts: the fields of each stand one after the other, so that the items of a
 * list may come in several. `object` tells the kind.
 *
 * Errors: as `encodeKubernetesProtobuf`.
 */
export function kubernetesProtobufParts(
  object: object,
  table: ProtobufTable,
  options: ProtobufWriteOptions = {},
): {
  readonly part: (fields: object) => Uint8Array;
  readonly join: (parts: readonly Uint8Array[]) => Uint8Array;
} {
  const { type, codec } = kindOf(object, table);
  return {
    part: (fields) => written(options, (writer) => codec.writeFields(writer, fields)),
    join(parts) {
      const writer = new ProtobufWriter();
      writeEnvelope(writer, type, () => {
        for (const part of parts.toReversed()) writer.raw(part);
      });
      return writer.finish();
    },
  };
}

function kindOf(
  object: object,
  table: ProtobufTable,
): {
  readonly type: { readonly apiVersion: string; readonly kind: string };
  readonly codec: MessageCodec;
} {
  const { apiVersion, kind } = object as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new ProtobufError('wrong-value', 'object without apiVersion and kind', { path: '' });
  }
  const codec = table.kind(apiVersion, kind);
  if (codec !== undefined) return { type: { apiVersion, kind }, codec };
  const what = `kind "${kind}" in "${apiVersion}" has no protobuf form`;
  throw new ProtobufError('unknown-kind', what, { path: '' });
}

/**
 * Reads one bare message, without an envelope.
 *
 * Errors: `ProtobufError` for the bytes; a plain error for a message that the table does not have.
 */
export function decodeProtobufMessage(
  message: string,
  bytes: Uint8Array,
  table: ProtobufTable,
): JsonObject {
  const codec = table.message(message);
  return codec.readFields(new ProtobufReader(bytes), codec.emptyObject());
}

/** Writes one bare message, without an envelope. */
export function encodeProtobufMessage(
  message: string,
  value: object,
  table: ProtobufTable,
): Uint8Array {
  const writer = new ProtobufWriter();
  table.message(message).writeFields(writer, value);
  return writer.finish();
}

/**
 * Writes one frame of a protobuf watch: its length in four bytes, big endian, and a bare
 * `WatchEvent` around the enveloped object.
 *
 * Errors: as `encodeKubernetesProtobuf`.
 */
export function encodeKubernetesProtobufFrame(
  { type, object }: { readonly type: string; readonly object: object },
  table: ProtobufTable,
  options: ProtobufWriteOptions = {},
): Uint8Array {
  const writer = new ProtobufWriter();
  writeRaw(writer, encodeKubernetesProtobuf(object, table, options));
  writer.tag(2, wireTypes.bytes);
  writer.string(type);
  writer.tag(1, wireTypes.bytes);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, writer.length);
  writer.raw(length);
  return writer.finish();
}
