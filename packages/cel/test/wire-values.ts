/** Values and types of the conformance data, in the JSON form of their messages. */
import {
  type Type,
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  opaqueType,
  stringType,
  timestampType,
  typeParameter,
  typeType,
  uintType,
} from '../src/type.ts';
import { intOf } from '../src/values/integers.ts';
import { MapBuilder } from '../src/values/literal-map.ts';
import { parseDuration, parseTimestamp } from '../src/values/time.ts';
import { TypeValue, Uint, type Value, doubleOf } from '../src/values/value.ts';

type Json = Readonly<Record<string, unknown>>;

/** Undefined when it is a message of protobuf, or an enum, which we do not have. */
export function readValue(value: Json): Value | undefined {
  const [kind = '', content] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'stringValue':
      return content as boolean | string;
    case 'int64Value':
      return intOf(BigInt(content as string)) as Value;
    case 'uint64Value':
      return new Uint(BigInt(content as string));
    case 'doubleValue':
      return doubleOf(Number(content));
    case 'bytesValue':
      return Uint8Array.from(Buffer.from(content as string, 'base64'));
    case 'typeValue':
      return new TypeValue(content as string);
    case 'listValue':
      return readList((content as { values?: readonly Json[] }).values ?? []);
    case 'mapValue':
      return readMap((content as { entries?: readonly Json[] }).entries ?? []);
    case 'objectValue':
      return readMessage(content as Json);
    default:
      return undefined;
  }
}

function readList(values: readonly Json[]): Value | undefined {
  const read = values.map(readValue);
  return read.includes(undefined) ? undefined : (read as Value[]);
}

function readMap(entries: readonly Json[]): Value | undefined {
  const builder = new MapBuilder();
  for (const entry of entries) {
    const key = readValue(entry['key'] as Json);
    const value = readValue(entry['value'] as Json);
    if (key === undefined || value === undefined) return undefined;
    builder.add(key, value);
  }
  return builder.build();
}

function readMessage(message: Json): Value | undefined {
  const text = String(message['value']);
  if (message['@type'] === 'type.googleapis.com/google.protobuf.Duration') {
    return parseDuration(text);
  }
  if (message['@type'] === 'type.googleapis.com/google.protobuf.Timestamp') {
    return parseTimestamp(text) as Value | undefined;
  }
  return undefined;
}

const primitives: Readonly<Record<string, Type>> = {
  BOOL: boolType,
  INT64: intType,
  UINT64: uintType,
  DOUBLE: doubleType,
  STRING: stringType,
  BYTES: bytesType,
};

/** The same for a type. */
export function readType(type: Json): Type | undefined {
  const [kind = '', content] = Object.entries(type)[0] ?? [];
  const inner = content as Json;
  switch (kind) {
    case 'dyn':
      return dynType;
    case 'null':
      return nullType;
    case 'primitive':
      return primitives[content as string];
    case 'wellKnown':
      return wellKnown[content as string];
    case 'messageType':
      return wellKnown[content as string];
    case 'listType': {
      const element = readType((inner['elemType'] as Json | undefined) ?? {});
      return element && listType(element);
    }
    case 'mapType': {
      const key = readType(inner['keyType'] as Json);
      const value = readType(inner['valueType'] as Json);
      return key && value && mapType(key, value);
    }
    case 'type': {
      const of = readType(inner);
      return typeType(of);
    }
    case 'typeParam':
      return typeParameter(content as string);
    case 'abstractType': {
      const parameters = ((inner['parameterTypes'] as readonly Json[] | undefined) ?? []).map(
        readType,
      );
      if (parameters.includes(undefined)) return undefined;
      return opaqueType(inner['name'] as string, parameters as Type[]);
    }
    default:
      return undefined;
  }
}

const wellKnown: Readonly<Record<string, Type>> = {
  TIMESTAMP: timestampType,
  DURATION: durationType,
  'google.protobuf.Timestamp': timestampType,
  'google.protobuf.Duration': durationType,
};
