import { stringifyJson } from './json-text.ts';
import { type JsonObject, MessageCodec, type MessageField } from './protobuf-message-codec.ts';
import { jsonFormCodecs, readJson, readRaw, writeRaw } from './protobuf-json-forms.ts';
import { jsonSchemaCodecs } from './protobuf-json-schema-forms.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { type ValueCodec, scalarCodecs } from './protobuf-value-codec.ts';
import { kubernetesMagic, readEnvelope } from './kubernetes-protobuf-envelope.ts';

/** One field of a message, as a field table names it. */
export interface ProtobufField {
  /** As JSON names it. */
  readonly name: string;
  readonly number: number;
  /** `string`, `repeated Container`, `map<string,bytes>`; messages by full name or beside this one. */
  readonly type: string;
  /** The message's fields stand in JSON beside this message's own. */
  readonly isInline?: boolean;
  /** JSON says the field even when it is zero: it is a pointer in Go, or has no `omitempty`. */
  readonly keepsZero?: boolean;
}

/** Which messages there are, and which kinds they are. */
export interface ProtobufSchema {
  fieldsOf(message: string): readonly ProtobufField[] | undefined;
  /** The message of a kind in an `apiVersion`. */
  messageOf(apiVersion: string, kind: string): string | undefined;
}

/** A decoded object: its kind, and whatever fields its message has. */
export interface TypedObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Codecs for a schema's messages, each made when it is first needed. */
export class ProtobufTable {
  readonly #schema: ProtobufSchema;
  readonly #values: Map<string, ValueCodec>;
  readonly #messages = new Map<string, MessageCodec>();

  constructor(schema: ProtobufSchema) {
    this.#schema = schema;
    this.#values = new Map([...scalarCodecs, ...jsonFormCodecs(this.#rawExtension())]);
    for (const [name, codec] of jsonSchemaCodecs((message) => this.message(message))) {
      this.#values.set(name, codec);
    }
  }

  /** The codec of the kind's message; `undefined` when the kind has no protobuf form. */
  kind(apiVersion: string, kind: string): MessageCodec | undefined {
    const name = this.#schema.messageOf(apiVersion, kind);
    return name === undefined ? undefined : this.message(name);
  }

  /** The codec of a message, by full name. Errors: throws when the schema does not have it. */
  message(name: string): MessageCodec {
    const known = this.#messages.get(name);
    if (known !== undefined) return known;
    const fields = this.#schema.fieldsOf(name);
    if (fields === undefined) throw new Error(`no protobuf message ${name} in the field table`);
    const codec = new MessageCodec(name, () =>
      fields.map((field) => this.#compile(field, name.slice(0, name.lastIndexOf('.')))),
    );
    this.#messages.set(name, codec);
    return codec;
  }

  #compile(field: ProtobufField, inPackage: string): MessageField {
    const [, repeated, valueOfMap, single] =
      /^(?:repeated (.+)|map<string,(.+)>|(.+))$/.exec(field.type) ?? [];
    const type = repeated ?? valueOfMap ?? single ?? field.type;
    return {
      name: field.name,
      number: field.number,
      shape:
        repeated !== undefined
          ? 'list'
          : valueOfMap !== undefined
            ? 'map'
            : field.isInline === true
              ? 'inline'
              : 'single',
      keepsZero: field.keepsZero === true,
      codec: this.#values.get(type) ?? this.#messageValue(type, inPackage),
    };
  }

  #messageValue(type: string, inPackage: string): ValueCodec {
    const near = `${inPackage}.${type}`;
    const special = this.#values.get(near);
    if (special !== undefined) return special;
    const message = this.message(this.#schema.fieldsOf(near) === undefined ? type : near);
    return message.isListOfStrings() ? message.asList() : message;
  }

  /** Holds an object of any kind: as JSON, or, from Go clients, in an envelope of its own. */
  #rawExtension(): ValueCodec {
    return {
      wireType: 2,
      isPackable: false,
      isZero: () => false,
      read: (reader, fieldName) => {
        const raw = readRaw(reader, fieldName);
        if (raw === undefined) return undefined;
        if (!kubernetesMagic.every((byte, index) => raw[index] === byte))
          return readJson(reader, raw);
        const inner = new ProtobufReader(raw, reader.budget);
        inner.path.push(...reader.path, fieldName);
        return this.readObject(inner);
      },
      write: (writer, value) => writeRaw(writer, new TextEncoder().encode(stringifyJson(value))),
    };
  }

  /** Reads an enveloped object. Errors: `ProtobufError`. */
  readObject(reader: ProtobufReader): TypedObject {
    const { apiVersion, kind, raw } = readEnvelope(reader);
    const codec = this.kind(apiVersion, kind);
    if (codec === undefined) {
      return reader.fail('unknown-kind', `kind "${kind}" in "${apiVersion}" has no protobuf form`);
    }
    const inner = new ProtobufReader(raw, reader.budget);
    inner.path.push(...reader.path);
    const draft = { apiVersion, kind, ...codec.emptyObject() };
    codec.readFields(inner, draft);
    return draft;
  }
}
