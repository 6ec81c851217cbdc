import { type ProtobufReader, wireTypes } from './protobuf-reader.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** Turns one field's value from the wire into JSON and back. */
export interface ValueCodec {
  readonly wireType: number;
  /** A repeated field of this type may also come packed into one run of bytes. */
  readonly isPackable: boolean;
  /**
   * Reads one value. `undefined` says that JSON has no word for it (the zero time).
   * `earlier`: what an earlier occurrence of the same field gave; messages merge into it.
   */
  read(reader: ProtobufReader, fieldName: string, earlier: unknown): unknown;
  /** Writes the value without its tag. */
  write(writer: ProtobufWriter, value: unknown): void;
  /** Whether Go's `omitempty` leaves the value out. */
  isZero(value: unknown): boolean;
}

export const int32Codec: ValueCodec = {
  wireType: wireTypes.varint,
  isPackable: true,
  read: (reader) => reader.varint32(),
  write: (writer, value) => {
    const number = Number(integer(writer, value));
    if (number !== (number | 0)) writer.fail('wrong-value', `${number} does not fit 32 bits`);
    writer.int64(number);
  },
  isZero: (value) => value === 0,
};

const int64: ValueCodec = {
  wireType: wireTypes.varint,
  isPackable: true,
  read: (reader) => reader.integer64(),
  write: (writer, value) => {
    const number = integer(writer, value);
    if (number >= 2 ** 63 || number < -(2 ** 63))
      writer.fail('wrong-value', `${number} does not fit 64 bits`);
    writer.int64(number);
  },
  isZero: (value) => value === 0,
};

const double: ValueCodec = {
  wireType: wireTypes.fixed64,
  isPackable: true,
  read: (reader) => {
    const value = reader.double();
    return Number.isFinite(value) ? value : reader.fail('malformed', 'number that JSON cannot say');
  },
  write: (writer, value) => {
    const isNumber = typeof value === 'number' || typeof value === 'bigint';
    writer.double(isNumber ? Number(value) : wrong(writer, value, 'a number'));
  },
  isZero: (value) => value === 0,
};

export const booleanCodec: ValueCodec = {
  wireType: wireTypes.varint,
  isPackable: true,
  read: (reader) => reader.varint64() !== 0,
  write: (writer, value) => {
    writer.uint32((typeof value === 'boolean' ? value : wrong(writer, value, 'a boolean')) ? 1 : 0);
  },
  isZero: (value) => value === false,
};

export const stringCodec: ValueCodec = {
  wireType: wireTypes.bytes,
  isPackable: false,
  read: (reader) => reader.string(),
  write: (writer, value) => {
    writer.string(typeof value === 'string' ? value : wrong(writer, value, 'a string'));
  },
  isZero: (value) => value === '',
};

/** JSON says bytes in base64. */
const bytes: ValueCodec = {
  wireType: wireTypes.bytes,
  isPackable: false,
  read: (reader) => {
    const field = reader.bytesField();
    let binary = '';
    for (let start = 0; start < field.length; start += 8192) {
      binary += String.fromCharCode(...field.subarray(start, start + 8192));
    }
    return btoa(binary);
  },
  write: (writer, value) => {
    const text = typeof value === 'string' ? value : wrong(writer, value, 'base64 text');
    try {
      writer.bytes(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      writer.fail('wrong-value', 'text that is not base64');
    }
  },
  isZero: (value) => value === '',
};

/** The codecs of protobuf's own types, by the name a field table gives them. */
export const scalarCodecs: ReadonlyMap<string, ValueCodec> = new Map([
  ['int32', int32Codec],
  ['int64', int64],
  ['double', double],
  ['bool', booleanCodec],
  ['string', stringCodec],
  ['bytes', bytes],
]);

/** Refuses a JSON value that the field's type cannot hold. */
export function wrong(writer: ProtobufWriter, value: unknown, expected: string): never {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return writer.fail('wrong-value', `expected ${expected}, found ${found}`);
}

function integer(writer: ProtobufWriter, value: unknown): number | bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') return wrong(writer, value, 'an integer');
  return Number.isInteger(value) ? value : writer.fail('wrong-value', `${value} is not an integer`);
}
