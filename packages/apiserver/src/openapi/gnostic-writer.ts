import { ProtobufWriter, stringifyJson } from '@fairway/protocol';

// The writer goes from the last byte to the first, so the fields of a message are written from the
// highest number down.

export type WriteField = (out: ProtobufWriter, field: number, value: unknown) => void;

const lengthDelimited = 2;

export function written(write: (out: ProtobufWriter) => void): Uint8Array {
  const out = new ProtobufWriter();
  write(out);
  return out.finish();
}

/** What stands before a message whose bytes are there already. */
export function header(out: ProtobufWriter, field: number, pieces: readonly Uint8Array[]): void {
  out.uint32(pieces.reduce((sum, piece) => sum + piece.length, 0));
  out.tag(field, lengthDelimited);
}

export function writeExtensions(out: ProtobufWriter, field: number, source: object): void {
  backwards(Object.entries(source), ([keyword, value]) => {
    if (!keyword.startsWith('x-') || value === undefined) return;
    named(out, field, [keyword, value], writeAny);
  });
}

/** Any value, as YAML, of which JSON is a part. */
export function writeAny(out: ProtobufWriter, value: unknown): void {
  text(out, 2, `${stringifyJson(value)}\n`);
}

export function nested(out: ProtobufWriter, field: number, write: () => void): void {
  const before = out.length;
  write();
  out.uint32(out.length - before);
  out.tag(field, lengthDelimited);
}

/** An entry of a map, which gnostic writes as a list of named values. */
export function named<Value>(
  out: ProtobufWriter,
  field: number,
  [name, value]: readonly [string, Value],
  write: (out: ProtobufWriter, value: Value) => void,
): void {
  nested(out, field, () => {
    nested(out, 2, () => write(out, value));
    text(out, 1, name);
  });
}

export function backwards<Item>(items: readonly Item[], write: (item: Item) => void): void {
  for (let at = items.length - 1; at >= 0; at--) write(items[at] as Item);
}

export function text(out: ProtobufWriter, field: number, value: string): void {
  out.string(value);
  out.tag(field, lengthDelimited);
}

/** False is left out, as protobuf does. */
export function flag(out: ProtobufWriter, field: number, value: boolean): void {
  if (value) writeBoolean(out, field, value);
}

export function writeBoolean(out: ProtobufWriter, field: number, value: boolean): void {
  out.uint32(value ? 1 : 0);
  out.tag(field, 0);
}

export function asText(out: ProtobufWriter, field: number, value: unknown): void {
  text(out, field, String(value));
}

export function asFlag(out: ProtobufWriter, field: number, value: unknown): void {
  flag(out, field, value === true);
}

export function asInteger(out: ProtobufWriter, field: number, value: unknown): void {
  out.int64(Number(value));
  out.tag(field, 0);
}

export function asDouble(out: ProtobufWriter, field: number, value: unknown): void {
  out.double(Number(value));
  out.tag(field, 1);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
