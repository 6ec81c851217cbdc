import { stringifyJson } from './json-text.ts';
import { type ProtobufReader, wireTypes } from './protobuf-reader.ts';
import { decodeJson } from './strict-json.ts';
import { type ValueCodec, int32Codec, wrong } from './protobuf-value-codec.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/**
 * Reads and writes the messages whose JSON is not an object of their fields: times, quantities,
 * int-or-string and raw JSON.
 *
 * Source: apimachinery's `meta/v1`, `api/resource`, `util/intstr` and `runtime` packages define both
 * forms of each.
 */
export function jsonFormCodecs(rawExtension: ValueCodec): ReadonlyMap<string, ValueCodec> {
  const meta = 'k8s.io.apimachinery.pkg.apis.meta.v1';
  return new Map([
    [`${meta}.Time`, time],
    [`${meta}.Timestamp`, time],
    [`${meta}.MicroTime`, microTime],
    [`${meta}.FieldsV1`, rawJson],
    ['k8s.io.apimachinery.pkg.api.resource.Quantity', quantity],
    ['k8s.io.apimachinery.pkg.api.resource.QuantityValue', quantity],
    ['k8s.io.apimachinery.pkg.util.intstr.IntOrString', intOrString],
    ['k8s.io.apimachinery.pkg.runtime.RawExtension', rawExtension],
    ['k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSON', rawJson],
  ]);
}

/** Reads a nested message field by field; `readField` says whether it took the field. */
export function readNested(
  reader: ProtobufReader,
  fieldName: string,
  readField: (fieldNumber: number, wireType: number) => boolean,
): void {
  const outer = reader.enter(fieldName);
  while (reader.position < reader.end) {
    const tag = reader.tag();
    if (!readField(tag >>> 3, tag & 7)) reader.skip(tag & 7);
  }
  reader.leave(outer);
}

/** Puts the length before what `writeFields` writes. */
export function writeNested(writer: ProtobufWriter, writeFields: () => void): void {
  const before = writer.length;
  writeFields();
  writer.uint32(writer.length - before);
}

const messageCodec = { wireType: wireTypes.bytes, isPackable: false, isZero: () => false } as const;

const time: ValueCodec = {
  ...messageCodec,
  read: (reader, fieldName) => {
    const instant = readInstant(reader, fieldName);
    return instant === undefined ? undefined : `${formatSeconds(instant.seconds)}Z`;
  },
  // The JSON form has whole seconds; what the wire could say beyond them would not survive a read.
  write: (writer, value) => {
    if (value !== null) writeInstant(writer, { ...parseInstant(writer, value), nanos: 0 });
    else writer.uint32(0);
  },
};

const microTime: ValueCodec = {
  ...messageCodec,
  read: (reader, fieldName) => {
    const instant = readInstant(reader, fieldName);
    if (instant === undefined) return undefined;
    const micros = String(Math.floor(instant.nanos / 1000)).padStart(6, '0');
    return `${formatSeconds(instant.seconds)}.${micros}Z`;
  },
  write: (writer, value) => {
    if (value !== null) writeInstant(writer, parseInstant(writer, value));
    else writer.uint32(0);
  },
};

interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

/** `undefined`: the zero time, which is an empty message. */
function readInstant(reader: ProtobufReader, fieldName: string): Instant | undefined {
  let seconds: number | undefined;
  let nanos: number | undefined;
  readNested(reader, fieldName, (fieldNumber, wireType) => {
    if (wireType !== wireTypes.varint || fieldNumber > 2) return false;
    if (fieldNumber === 1) {
      seconds = within(reader, reader.varint64(), { min: -62_167_219_200, max: 253_402_300_799 });
    } else nanos = within(reader, reader.varint32(), { min: 0, max: 999_999_999 });
    return true;
  });
  if (seconds === undefined && nanos === undefined) return undefined;
  return { seconds: seconds ?? 0, nanos: nanos ?? 0 };
}

/** RFC 3339 can say the years 0 to 9999 and nothing else. */
function within(
  reader: ProtobufReader,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (value >= min && value <= max) return value;
  return reader.fail('malformed', `${value} is out of a time's range`);
}

function formatSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

function parseInstant(writer: ProtobufWriter, value: unknown): Instant {
  if (typeof value !== 'string') return wrong(writer, value, 'a time');
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(value);
  const milliseconds = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(milliseconds)) writer.fail('wrong-value', `"${value}" is not an RFC 3339 time`);
  const micros = Number((match?.[2] ?? '').slice(0, 6).padEnd(6, '0'));
  return { seconds: milliseconds / 1000, nanos: micros * 1000 };
}

function writeInstant(writer: ProtobufWriter, { seconds, nanos }: Instant): void {
  writeNested(writer, () => {
    writer.int64(nanos);
    writer.tag(2, wireTypes.varint);
    writer.int64(seconds);
    writer.tag(1, wireTypes.varint);
  });
}

const quantity: ValueCodec = {
  ...messageCodec,
  read: (reader, fieldName) => {
    let text = '';
    readNested(reader, fieldName, (fieldNumber, wireType) => {
      if (fieldNumber !== 1 || wireType !== wireTypes.bytes) return false;
      text = reader.string();
      return true;
    });
    return text === '' ? '0' : text;
  },
  // JSON also allows a bare number: `cpu: 1`.
  write: (writer, value) => {
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
    if (typeof text !== 'string') wrong(writer, value, 'a quantity');
    else {
      writeNested(writer, () => {
        writer.string(text);
        writer.tag(1, wireTypes.bytes);
      });
    }
  },
};

const intOrString: ValueCodec = {
  ...messageCodec,
  read: (reader, fieldName) => {
    let isString = false;
    let number = 0;
    let text = '';
    readNested(reader, fieldName, (fieldNumber, wireType) => {
      if (fieldNumber === 1 && wireType === wireTypes.varint) isString = reader.varint64() === 1;
      else if (fieldNumber === 2 && wireType === wireTypes.varint) number = reader.varint32();
      else if (fieldNumber === 3 && wireType === wireTypes.bytes) text = reader.string();
      else return false;
      return true;
    });
    return isString ? text : number;
  },
  write: (writer, value) => {
    const isString = typeof value === 'string';
    writeNested(writer, () => {
      writer.string(isString ? value : '');
      writer.tag(3, wireTypes.bytes);
      int32Codec.write(writer, isString ? 0 : value);
      writer.tag(2, wireTypes.varint);
      writer.uint32(isString ? 1 : 0);
      writer.tag(1, wireTypes.varint);
    });
  },
};

/** A message whose only field holds JSON text. */
const rawJson: ValueCodec = {
  ...messageCodec,
  read: (reader, fieldName) => {
    const raw = readRaw(reader, fieldName);
    return raw === undefined ? undefined : readJson(reader, raw);
  },
  write: (writer, value) => writeRaw(writer, utf8Encoder.encode(stringifyJson(value))),
};

/** Reads the bytes of a message whose only field is `raw`; `undefined` when there are none. */
export function readRaw(reader: ProtobufReader, fieldName: string): Uint8Array | undefined {
  let raw: Uint8Array | undefined;
  readNested(reader, fieldName, (fieldNumber, wireType) => {
    if (fieldNumber !== 1 || wireType !== wireTypes.bytes) return false;
    raw = reader.bytesField();
    return true;
  });
  return raw === undefined || raw.length === 0 ? undefined : raw;
}

export function writeRaw(writer: ProtobufWriter, raw: Uint8Array): void {
  writeNested(writer, () => {
    writer.bytes(raw);
    writer.tag(1, wireTypes.bytes);
  });
}

export function readJson(reader: ProtobufReader, raw: Uint8Array): unknown {
  const { valuesLeft } = reader.budget;
  const json = decodeJson(raw, { valuesMax: valuesLeft });
  if (json.kind === 'decoded') {
    // What it holds is not known; one text must not be paid for once and sent a thousand times.
    reader.budget.valuesLeft -= Math.ceil(raw.length / rawBytesAValue);
    return json.value;
  }
  const problem = json.kind === 'too large' ? 'too-large' : 'malformed';
  throw reader.error(problem, `raw bytes that are not JSON: ${json.problem}`);
}

/** Roughly what a field of an object takes. */
const rawBytesAValue = 16;

const utf8Encoder = new TextEncoder();
