import { ProtobufError, type ProtobufProblem } from './protobuf-error.ts';
import { protobufDepthMax } from './protobuf-reader.ts';

/**
 * Writes protobuf's wire format from the last byte to the first.
 *
 * Backwards, because a length stands before what it measures: a nested message is written first and
 * its length is known by then, so no second pass measures anything. Callers write fields in
 * descending order to have them ascend on the wire.
 */
export class ProtobufWriter {
  /** Values that their fields cannot hold are left out, each with its field, instead of refused. */
  readonly leavesOutWrongValues: boolean;
  readonly path: string[] = [];
  #buffer = new Uint8Array(1024);
  #start = this.#buffer.length;

  constructor({ leavesOutWrongValues = false }: { readonly leavesOutWrongValues?: boolean } = {}) {
    this.leavesOutWrongValues = leavesOutWrongValues;
  }

  /** How many bytes are written so far. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#buffer.slice(this.#start);
  }

  tag(fieldNumber: number, wireType: number): void {
    this.uint32((fieldNumber << 3) | wireType);
  }

  uint32(value: number): void {
    let size = 1;
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1;
    let at = this.#reserve(size);
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[at++] = (rest & 0x7f) | 0x80;
    this.#buffer[at] = rest;
  }

  /** Writes an integer of up to 64 bits; a negative one takes ten bytes, as `int32` does too. */
  int64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value <= 0x7fff_ffff) {
      this.uint32(value);
      return;
    }
    const encoded: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) encoded.push(Number(rest & 0x7fn) | 0x80);
    encoded.push(Number(rest));
    this.raw(Uint8Array.from(encoded));
  }

  double(value: number): void {
    const at = this.#reserve(8);
    new DataView(this.#buffer.buffer).setFloat64(at, value, true);
  }

  raw(bytes: Uint8Array): void {
    // First, because it may put another buffer in the place of this one.
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Writes bytes with their length before them. */
  bytes(bytes: Uint8Array): void {
    this.raw(bytes);
    this.uint32(bytes.length);
  }

  /** Writes a string with its length before it. */
  string(text: string): void {
    let at = this.#reserve(text.length) + text.length;
    for (let index = text.length - 1; index >= 0; index -= 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        this.#start += text.length;
        this.bytes(utf8.encode(text));
        return;
      }
      this.#buffer[--at] = code;
    }
    this.uint32(text.length);
  }

  /** Names the field whose value is being written, for errors, and bounds the nesting. */
  enter(fieldName: string): void {
    this.path.push(fieldName);
    if (this.path.length > protobufDepthMax) {
      this.fail('too-deep', `values nested deeper than ${protobufDepthMax}`);
    }
  }

  leave(): void {
    this.path.pop();
  }

  /** Takes back what was written, and the fields that were entered, since there were so many. */
  rewind(length: number, depth: number): void {
    this.#start = this.#buffer.length - length;
    this.path.length = depth;
  }

  fail(problem: ProtobufProblem, what: string): never {
    throw new ProtobufError(problem, what, { path: this.path.join('.') });
  }

  #reserve(size: number): number {
    if (this.#start < size) this.#grow(size);
    this.#start -= size;
    return this.#start;
  }

  #grow(size: number): void {
    const used = this.length;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, used + size));
    grown.set(this.#buffer.subarray(this.#start), grown.length - used);
    this.#buffer = grown;
    this.#start = grown.length - used;
  }
}

const utf8 = new TextEncoder();
