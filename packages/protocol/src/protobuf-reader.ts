import { ProtobufError, type ProtobufProblem } from './protobuf-error.ts';

/** How a field's value lies on the wire (protobuf encoding, "Message structure"). */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** How deep messages may nest; a `CustomResourceDefinition` takes two levels for one of its schema. */
export const protobufDepthMax = 200;

/** Shared by the readers of one body. */
export interface ValuesBudget {
  valuesLeft: number;
}

/**
 * Reads protobuf's wire format from untrusted bytes, bound-checked.
 *
 * `end` is where the message being read ends: entering a nested message lowers it, leaving it puts
 * it back. `path` names the fields entered, for errors.
 */
export class ProtobufReader {
  /** How many fields and elements may still be read, in all messages together. */
  readonly budget: ValuesBudget;
  readonly bytes: Uint8Array;
  readonly path: string[] = [];
  position = 0;
  end: number;

  constructor(bytes: Uint8Array, budget: ValuesBudget = { valuesLeft: Infinity }) {
    this.bytes = bytes;
    this.budget = budget;
    this.end = bytes.length;
  }

  /** Reads a field's tag: `number * 8 + wire type`. */
  tag(): number {
    const tag = this.varint32();
    if (tag >>> 3 === 0) this.fail('malformed', 'field number 0');
    return tag >>> 0;
  }

  /** Counts a field or an element that is about to be read. */
  countValue(): void {
    this.budget.valuesLeft -= 1;
    if (this.budget.valuesLeft < 0) this.fail('too-large', 'too many fields and elements');
  }

  /** Reads a varint and keeps its low 32 bits, signed: what `int32`, `bool` and tags need. */
  varint32(): number {
    let result = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    return this.fail('malformed', 'varint longer than 10 bytes');
  }

  /** Reads an `int64`; values beyond 2^53 as a `bigint`, as `parseJson` does. */
  integer64(): number | bigint {
    const start = this.position;
    const value = this.varint64();
    if (Number.isSafeInteger(value)) return value;
    let exact = 0n;
    for (let at = this.position - 1; at >= start; at -= 1) {
      exact = (exact << 7n) | BigInt((this.bytes[at] ?? 0) & 0x7f);
    }
    return BigInt.asIntN(64, exact);
  }

  /** Reads an `int64` that is never beyond 2^53, where it would lose its last digits. */
  varint64(): number {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.#byte();
      const part = byte & 0x7f;
      if (index < 4) low |= part << (7 * index);
      else if (index === 4) {
        low |= part << 28;
        high |= part >>> 4;
      } else if (index < 9) high |= part << (7 * index - 32);
      else high |= part << 31;
      if (byte < 0x80) return (high | 0) * 0x1_0000_0000 + (low >>> 0);
    }
    return this.fail('malformed', 'varint longer than 10 bytes');
  }

  double(): number {
    const start = this.#take(8);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + start, 8).getFloat64(0, true);
  }

  /** Reads a length and returns where the bytes it announces end. */
  lengthEnd(): number {
    const length = this.varint64();
    if (length < 0) this.fail('malformed', 'negative length');
    if (length > this.end - this.position) {
      this.fail('truncated', `length ${length} goes beyond the end of the message`);
    }
    return this.position + length;
  }

  /** Enters the message that follows; hand what this returns to `leave`. */
  enter(fieldName: string): number {
    const outer = this.end;
    const end = this.lengthEnd();
    this.path.push(fieldName);
    if (this.path.length > protobufDepthMax) {
      this.fail('too-deep', `messages nested deeper than ${protobufDepthMax}`);
    }
    this.end = end;
    return outer;
  }

  leave(outer: number): void {
    this.end = outer;
    this.path.pop();
  }

  /** A view, not a copy. */
  bytesField(): Uint8Array {
    const end = this.lengthEnd();
    const view = this.bytes.subarray(this.position, end);
    this.position = end;
    return view;
  }

  string(): string {
    const end = this.lengthEnd();
    const start = this.position;
    this.position = end;
    if (end - start <= 40) {
      const text = shortAscii(this.bytes, start, end);
      if (text !== undefined) return text;
    }
    try {
      return utf8.decode(this.bytes.subarray(start, end));
    } catch (cause) {
      throw this.error('malformed', 'string that is not UTF-8', cause);
    }
  }

  skip(wireType: number): void {
    switch (wireType) {
      case wireTypes.varint:
        this.varint64();
        return;
      case wireTypes.fixed64:
        this.#take(8);
        return;
      case wireTypes.bytes:
        this.position = this.lengthEnd();
        return;
      case wireTypes.fixed32:
        this.#take(4);
        return;
      default:
        this.fail('malformed', `wire type ${wireType}`);
    }
  }

  fail(problem: ProtobufProblem, what: string): never {
    throw this.error(problem, what);
  }

  error(problem: ProtobufProblem, what: string, cause?: unknown): ProtobufError {
    const path = this.path.join('.');
    return new ProtobufError(problem, what, { path, offset: this.position, cause });
  }

  #byte(): number {
    if (this.position >= this.end) this.fail('truncated', 'message ends inside a number');
    return this.bytes[this.position++] ?? 0;
  }

  #take(length: number): number {
    const start = this.position;
    if (length > this.end - start) this.fail('truncated', 'message ends inside a number');
    this.position = start + length;
    return start;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Most strings of an object are short names; building them here is cheaper than a decoder call.
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  for (let index = start; index < end; index += 1) {
    const code = bytes[index] ?? 0;
    if (code >= 0x80) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}
