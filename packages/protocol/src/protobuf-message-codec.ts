import { ProtobufError } from './protobuf-error.ts';
import { readNested, writeNested } from './protobuf-json-forms.ts';
import { type ProtobufReader, wireTypes } from './protobuf-reader.ts';
import { type ValueCodec, wrong } from './protobuf-value-codec.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** A JSON object while it is being built; it is not changed afterwards. */
export type JsonObject = Record<string, unknown>;

export interface MessageField {
  readonly name: string;
  readonly number: number;
  readonly shape: 'single' | 'list' | 'map' | 'inline';
  readonly keepsZero: boolean;
  readonly codec: ValueCodec;
}

/** Turns a message into the JSON object of its fields, and back. */
export class MessageCodec implements ValueCodec {
  readonly wireType = wireTypes.bytes;
  readonly isPackable = false;
  readonly name: string;
  readonly #compile: () => readonly MessageField[];
  #byNumber: Map<number, MessageField> | undefined;
  /** From the highest number to the lowest: the order of writing. */
  #descending: readonly MessageField[] = [];

  /** `compile` runs when a field is first asked for: messages contain each other. */
  constructor(name: string, compile: () => readonly MessageField[]) {
    this.name = name;
    this.#compile = compile;
  }

  read(reader: ProtobufReader, fieldName: string, earlier: unknown): unknown {
    const object = isObject(earlier) ? earlier : this.emptyObject();
    const outer = reader.enter(fieldName);
    this.readFields(reader, object);
    reader.leave(outer);
    return object;
  }

  /** Reads up to the reader's end, into `draft`. */
  readFields(reader: ProtobufReader, draft: JsonObject): JsonObject {
    const fields = this.#fields();
    while (reader.position < reader.end) {
      const tag = reader.tag();
      const field = fields.get(tag >>> 3);
      if (field === undefined) reader.skip(tag & 7);
      else readField(field, reader, { draft, wireType: tag & 7 });
    }
    return draft;
  }

  write(writer: ProtobufWriter, value: unknown): void {
    writeNested(writer, () => this.writeFields(writer, value ?? {}));
  }

  /** Writes the message's fields without a length before them. */
  writeFields(writer: ProtobufWriter, value: unknown): void {
    if (!isObject(value)) return wrong(writer, value, 'an object');
    this.#fields();
    for (const field of this.#descending) {
      if (field.shape === 'inline') {
        writeNested(writer, () => (field.codec as MessageCodec).writeFields(writer, value));
        writer.tag(field.number, wireTypes.bytes);
        continue;
      }
      const fieldValue = value[field.name];
      if (fieldValue === undefined || fieldValue === null) continue;
      if (writer.leavesOutWrongValues) writeIfRight(field, writer, fieldValue);
      else writeEntered(field, writer, fieldValue);
    }
  }

  /** A message is a struct in Go, which `omitempty` never leaves out. */
  isZero(): boolean {
    return false;
  }

  /** What no bytes at all mean: a list still has its items. */
  emptyObject(): JsonObject {
    return this.name.endsWith('List') && this.#hasItems() ? { items: [] } : {};
  }

  #hasItems(): boolean {
    return [...this.#fields().values()].some(
      ({ name, shape }) => name === 'items' && shape === 'list',
    );
  }

  /** `Verbs`, `ExtraValue`: messages that exist because a map cannot hold lists; JSON has the list. */
  isListOfStrings(): boolean {
    return /\.(Verbs|ExtraValue)$/.test(this.name);
  }

  asList(): ValueCodec {
    return {
      wireType: wireTypes.bytes,
      isPackable: false,
      isZero: () => false,
      read: (reader, fieldName) => {
        const items: string[] = [];
        readNested(reader, fieldName, (fieldNumber, wireType) => {
          if (fieldNumber !== 1 || wireType !== wireTypes.bytes) return false;
          reader.countValue();
          items.push(reader.string());
          return true;
        });
        return items;
      },
      write: (writer, value) => this.write(writer, { items: value }),
    };
  }

  #fields(): Map<number, MessageField> {
    if (this.#byNumber === undefined) {
      const fields = this.#compile();
      this.#byNumber = new Map(fields.map((field) => [field.number, field]));
      this.#descending = fields.toSorted((a, b) => b.number - a.number);
    }
    return this.#byNumber;
  }
}

interface Place {
  readonly draft: JsonObject;
  readonly wireType: number;
}

function readField(field: MessageField, reader: ProtobufReader, { draft, wireType }: Place): void {
  const { name, codec, shape } = field;
  reader.countValue();
  const expected = shape === 'map' ? wireTypes.bytes : codec.wireType;
  if (wireType !== expected) {
    if (shape === 'list' && codec.isPackable && wireType === wireTypes.bytes) {
      readPacked(field, reader, draft);
      return;
    }
    reader.fail('malformed', `field ${name} with wire type ${wireType} instead of ${expected}`);
  }
  switch (shape) {
    case 'inline': {
      const outer = reader.enter(name);
      (codec as MessageCodec).readFields(reader, draft);
      reader.leave(outer);
      return;
    }
    case 'list':
      listOf(draft, name).push(codec.read(reader, name, undefined) ?? null);
      return;
    case 'map':
      readEntry(field, reader, draft);
      return;
    case 'single': {
      const value = codec.read(reader, name, draft[name]);
      if (value !== undefined && (field.keepsZero || !codec.isZero(value))) draft[name] = value;
      else if (name in draft) delete draft[name];
    }
  }
}

function readPacked(field: MessageField, reader: ProtobufReader, draft: JsonObject): void {
  const list = listOf(draft, field.name);
  const outer = reader.enter(field.name);
  while (reader.position < reader.end) {
    reader.countValue();
    list.push(field.codec.read(reader, field.name, undefined));
  }
  reader.leave(outer);
}

function listOf(draft: JsonObject, name: string): unknown[] {
  const known = draft[name];
  if (Array.isArray(known)) return known;
  const list: unknown[] = [];
  draft[name] = list;
  return list;
}

function readEntry(field: MessageField, reader: ProtobufReader, draft: JsonObject): void {
  const known = draft[field.name];
  const map: JsonObject = isObject(known) ? known : {};
  draft[field.name] = map;
  let key = '';
  let value: unknown;
  readNested(reader, field.name, (fieldNumber, wireType) => {
    if (fieldNumber === 1 && wireType === wireTypes.bytes) key = reader.string();
    else if (fieldNumber === 2 && wireType === field.codec.wireType) {
      value = field.codec.read(reader, key, value);
    } else return false;
    return true;
  });
  // An entry without a value has the zero value of its type, which the value's codec provides.
  value ??= zeroOf(field.codec);
  // Assigning to this key would set the prototype.
  if (key !== '__proto__') map[key] = value;
  else
    Object.defineProperty(map, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
}

function zeroOf(codec: ValueCodec): unknown {
  if (codec instanceof MessageCodec) return codec.emptyObject();
  return codec.isZero('') ? '' : codec.isZero(0) ? 0 : codec.isZero(false) ? false : null;
}

/** The innermost field that cannot be written is the one that goes. */
function writeIfRight(field: MessageField, writer: ProtobufWriter, value: unknown): void {
  const [length, depth] = [writer.length, writer.path.length];
  try {
    writeEntered(field, writer, value);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    writer.rewind(length, depth);
  }
}

function writeEntered(field: MessageField, writer: ProtobufWriter, value: unknown): void {
  writer.enter(field.name);
  writeField(field, writer, value);
  writer.leave();
}

function writeField(field: MessageField, writer: ProtobufWriter, value: unknown): void {
  const { codec, number } = field;
  if (field.shape === 'map') {
    writeEntries(field, writer, value);
    return;
  }
  const values = field.shape === 'list' ? value : [value];
  if (!Array.isArray(values)) return wrong(writer, value, 'a list');
  for (let index = values.length - 1; index >= 0; index -= 1) {
    codec.write(writer, values[index]);
    writer.tag(number, codec.wireType);
  }
}

/** Sorted by key, as Kubernetes writes them, so that equal objects are equal bytes. */
function writeEntries(field: MessageField, writer: ProtobufWriter, value: unknown): void {
  if (!isObject(value)) return wrong(writer, value, 'an object');
  for (const key of Object.keys(value).toSorted().toReversed()) {
    writer.enter(key);
    writeNested(writer, () => {
      field.codec.write(writer, value[key]);
      writer.tag(2, field.codec.wireType);
      writer.string(key);
      writer.tag(1, wireTypes.bytes);
    });
    writer.tag(field.number, wireTypes.bytes);
    writer.leave();
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
