import { readNested, writeNested } from './protobuf-json-forms.ts';
import type { MessageCodec } from './protobuf-message-codec.ts';
import { wireTypes } from './protobuf-reader.ts';
import { type ValueCodec, booleanCodec, stringCodec } from './protobuf-value-codec.ts';

const inPackage = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1';

/** Reads and writes the unions of a custom resource's schema, which JSON says by the value's type. */
export function jsonSchemaCodecs(
  messageNamed: (name: string) => MessageCodec,
): ReadonlyMap<string, ValueCodec> {
  const schema = (): MessageCodec => messageNamed(`${inPackage}.JSONSchemaProps`);
  return new Map([
    [`${inPackage}.JSONSchemaPropsOrArray`, schemaOrList(schema, schema)],
    [`${inPackage}.JSONSchemaPropsOrStringArray`, schemaOrList(schema, () => stringCodec)],
    [`${inPackage}.JSONSchemaPropsOrBool`, schemaOrBoolean(schema)],
  ]);
}

const messageCodec = { wireType: wireTypes.bytes, isPackable: false, isZero: () => false } as const;

/** A schema in field 1, or a list in field 2. */
function schemaOrList(schema: () => MessageCodec, item: () => ValueCodec): ValueCodec {
  return {
    ...messageCodec,
    read: (reader, fieldName) => {
      let single: unknown;
      const list: unknown[] = [];
      readNested(reader, fieldName, (fieldNumber, wireType) => {
        if (wireType !== wireTypes.bytes) return false;
        if (fieldNumber === 1) single = schema().read(reader, fieldName, single);
        else if (fieldNumber === 2) {
          reader.countValue();
          list.push(item().read(reader, fieldName, undefined));
        } else return false;
        return true;
      });
      return single ?? list;
    },
    write: (writer, value) => {
      writeNested(writer, () => {
        if (!Array.isArray(value)) {
          schema().write(writer, value);
          writer.tag(1, wireTypes.bytes);
          return;
        }
        for (let index = value.length - 1; index >= 0; index -= 1) {
          item().write(writer, value[index]);
          writer.tag(2, wireTypes.bytes);
        }
      });
    },
  };
}

/** A schema, or whether anything is allowed at all. */
function schemaOrBoolean(schema: () => MessageCodec): ValueCodec {
  return {
    ...messageCodec,
    read: (reader, fieldName) => {
      let allows = false;
      let single: unknown;
      readNested(reader, fieldName, (fieldNumber, wireType) => {
        if (fieldNumber === 1 && wireType === wireTypes.varint) allows = reader.varint64() !== 0;
        else if (fieldNumber === 2 && wireType === wireTypes.bytes) {
          single = schema().read(reader, fieldName, single);
        } else return false;
        return true;
      });
      return single ?? allows;
    },
    write: (writer, value) => {
      writeNested(writer, () => {
        if (typeof value !== 'boolean') {
          schema().write(writer, value);
          writer.tag(2, wireTypes.bytes);
        }
        booleanCodec.write(writer, typeof value === 'boolean' ? value : true);
        writer.tag(1, wireTypes.varint);
      });
    },
  };
}
