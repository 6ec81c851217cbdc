import type { OpenApiSchema } from '@fairway/kinds/schema';
import { httpMethods, type HttpMethod } from './open-api-document.ts';
import type {
  SwaggerDocument,
  SwaggerOperation,
  SwaggerParameter,
  SwaggerPath,
  SwaggerResponse,
} from './swagger-document.ts';

/**
 * Encodes an OpenAPI v2 document in protobuf, as the discovery clients of Go read it.
 *
 * Source: field numbers of `openapi.v2` in gnostic-models, openapiv2/OpenAPIv2.proto.
 */
export function encodeSwagger(document: SwaggerDocument): Uint8Array {
  const { title, version } = document.info;
  return join([
    text(1, document.swagger),
    nested(2, join([text(1, title), text(2, version)])),
    nested(8, named(2, document.paths, encodePath)),
    nested(9, named(1, document.definitions, encodeSchema)),
    ...document.security.map((each) => nested(12, encodeSecurity(each))),
    nested(13, named(1, document.securityDefinitions, encodeSecurityDefinition)),
  ]);
}

type Bytes = Uint8Array;

const methodFields: Readonly<Record<HttpMethod, number>> = {
  get: 2,
  put: 3,
  post: 4,
  delete: 5,
  patch: 8,
};

function encodePath(path: SwaggerPath): Bytes {
  const parts: Bytes[] = [];
  for (const method of httpMethods) {
    const operation = path[method];
    if (operation !== undefined)
      parts.push(nested(methodFields[method], encodeOperation(operation)));
  }
  return join([...parts, ...path.parameters.map((each) => nested(9, encodeParameter(each)))]);
}

function encodeOperation(operation: SwaggerOperation): Bytes {
  return join([
    ...operation.tags.map((each) => text(1, each)),
    text(5, operation.operationId),
    ...operation.produces.map((each) => text(6, each)),
    ...operation.consumes.map((each) => text(7, each)),
    ...operation.parameters.map((each) => nested(8, encodeParameter(each))),
    nested(
      9,
      named(1, operation.responses, (each) => nested(1, encodeResponse(each))),
    ),
    ...operation.schemes.map((each) => text(10, each)),
    ...extensions(13, operation),
  ]);
}

/** A `ParametersItem`, which wraps a `Parameter`, which wraps one of its forms. */
function encodeParameter(parameter: SwaggerParameter): Bytes {
  const required = parameter.required === true;
  if (parameter.in === 'body') {
    const schema = encodeSchema(parameter.schema);
    const body = join([
      text(2, parameter.name),
      text(3, 'body'),
      flag(4, required),
      nested(5, schema),
    ]);
    return nested(1, nested(1, body));
  }
  const { name, type, uniqueItems, in: place } = parameter;
  const isQuery = place === 'query';
  const fields = join([
    flag(1, required),
    text(2, place),
    text(4, name),
    text(isQuery ? 6 : 5, type),
    flag(isQuery ? 20 : 19, uniqueItems),
  ]);
  return nested(1, nested(2, nested(isQuery ? 3 : 4, fields)));
}

function encodeResponse({ description, schema }: SwaggerResponse): Bytes {
  const body = schema === undefined ? [] : [nested(2, nested(1, encodeSchema(schema)))];
  return join([text(1, description), ...body]);
}

function encodeSecurity(requirement: Readonly<Record<string, readonly string[]>>): Bytes {
  return named(1, requirement, (values) => join(values.map((each) => text(1, each))));
}

function encodeSecurityDefinition(item: { type: string; name: string; in: string }): Bytes {
  return nested(2, join([text(1, item.type), text(2, item.name), text(3, item.in)]));
}

type Encode = (field: number, value: unknown) => Bytes;

/** Keywords of a schema whose values are encoded as they are. */
const plainKeywords: readonly (readonly [string, number, Encode])[] = [
  ['$ref', 1, asText],
  ['format', 2, asText],
  ['title', 3, asText],
  ['description', 4, asText],
  ['multipleOf', 6, asDouble],
  ['maximum', 7, asDouble],
  ['exclusiveMaximum', 8, asFlag],
  ['minimum', 9, asDouble],
  ['exclusiveMinimum', 10, asFlag],
  ['maxLength', 11, asInteger],
  ['minLength', 12, asInteger],
  ['pattern', 13, asText],
  ['maxItems', 14, asInteger],
  ['minItems', 15, asInteger],
  ['uniqueItems', 16, asFlag],
  ['maxProperties', 17, asInteger],
  ['minProperties', 18, asInteger],
];

function encodeSchema(schema: OpenApiSchema): Bytes {
  const parts: Bytes[] = [];
  for (const [keyword, field, encode] of plainKeywords) {
    if (schema[keyword] !== undefined) parts.push(encode(field, schema[keyword]));
  }
  const { required, enum: values, type, items, properties, additionalProperties } = schema;
  for (const each of listOf(required)) parts.push(text(19, String(each)));
  for (const each of listOf(values)) parts.push(nested(20, any(each)));
  if (typeof additionalProperties === 'boolean') {
    parts.push(nested(21, flag(2, additionalProperties, { isAlwaysWritten: true })));
  } else if (additionalProperties !== undefined) {
    parts.push(nested(21, nested(1, encodeSchema(additionalProperties as OpenApiSchema))));
  }
  if (type !== undefined) parts.push(nested(22, text(1, String(type))));
  if (items !== undefined) parts.push(nested(23, nested(1, encodeSchema(items as OpenApiSchema))));
  if (properties !== undefined) {
    parts.push(nested(25, named(1, properties as Record<string, OpenApiSchema>, encodeSchema)));
  }
  return join([...parts, ...extensions(31, schema)]);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function extensions(field: number, source: object): Bytes[] {
  return Object.entries(source)
    .filter(([keyword, value]) => keyword.startsWith('x-') && value !== undefined)
    .map(([keyword, value]) => nested(field, join([text(1, keyword), nested(2, any(value))])));
}

/** Any value, as YAML, of which JSON is a part. */
function any(value: unknown): Bytes {
  return text(2, `${JSON.stringify(value)}\n`);
}

/** A map, which gnostic writes as a list of named values in the order of their names. */
function named<Value>(
  field: number,
  values: Readonly<Record<string, Value>>,
  encode: (value: Value) => Bytes,
): Bytes {
  return join(
    Object.entries(values).map(([name, value]) =>
      nested(field, join([text(1, name), nested(2, encode(value))])),
    ),
  );
}

const lengthDelimited = 2;

function nested(field: number, bytes: Bytes): Bytes {
  return join([varint((field << 3) | lengthDelimited), varint(bytes.length), bytes]);
}

function text(field: number, value: string): Bytes {
  return nested(field, Buffer.from(value));
}

function flag(field: number, value: boolean, options = { isAlwaysWritten: false }): Bytes {
  if (!value && !options.isAlwaysWritten) return nothing;
  return join([varint(field << 3), Uint8Array.of(value ? 1 : 0)]);
}

function asText(field: number, value: unknown): Bytes {
  return text(field, String(value));
}

function asFlag(field: number, value: unknown): Bytes {
  return flag(field, value === true);
}

function asInteger(field: number, value: unknown): Bytes {
  return join([varint(field << 3), varint(Number(value))]);
}

function asDouble(field: number, value: unknown): Bytes {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(value));
  return join([varint((field << 3) | 1), bytes]);
}

const nothing = new Uint8Array();

function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function join(parts: readonly Bytes[]): Bytes {
  return Buffer.concat(parts);
}
