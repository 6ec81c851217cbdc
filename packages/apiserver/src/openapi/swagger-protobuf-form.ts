import type { OpenApiSchema } from '@fairway/kinds/schema';
import { ProtobufWriter } from '@fairway/protocol';
import type { DocumentForm } from './document-form.ts';
import {
  type HttpMethod,
  documentInfo,
  httpMethods,
  securitySchemes,
} from './open-api-document.ts';
import {
  type SwaggerOperation,
  type SwaggerParameter,
  type SwaggerPath,
  type SwaggerResponse,
  swaggerPath,
} from './swagger-path.ts';
import { swaggerSchema } from './swagger-schema.ts';

/**
 * OpenAPI v2 in protobuf, as the discovery clients of Go read it. The writer goes from the last byte
 * to the first, so the fields of a message are written here from the highest number down.
 *
 * Source: field numbers of `openapi.v2` in gnostic-models, openapiv2/OpenAPIv2.proto.
 */
export const swaggerProtobufForm: DocumentForm = {
  path: (name, path) => written((out) => named(out, 2, [name, swaggerPath(path)], writePath)),
  definition: (name, schema) =>
    written((out) => named(out, 1, [name, swaggerSchema(schema)], writeSchema)),
  document: (paths, definitions) => [
    written((out) => {
      header(out, 8, paths);
      nested(out, 2, () => {
        text(out, 2, documentInfo.version);
        text(out, 1, documentInfo.title);
      });
      text(out, 1, '2.0');
    }),
    ...paths,
    written((out) => header(out, 9, definitions)),
    ...definitions,
    written(writeSecurity),
  ],
};

function written(write: (out: ProtobufWriter) => void): Uint8Array {
  const out = new ProtobufWriter();
  write(out);
  return out.finish();
}

/** What stands before a message whose bytes are there already. */
function header(out: ProtobufWriter, field: number, pieces: readonly Uint8Array[]): void {
  out.uint32(pieces.reduce((sum, piece) => sum + piece.length, 0));
  out.tag(field, lengthDelimited);
}

function writeSecurity(out: ProtobufWriter): void {
  const { type, name, in: place } = securitySchemes.BearerToken;
  nested(out, 13, () =>
    named(out, 1, ['BearerToken', undefined], () =>
      nested(out, 2, () => {
        text(out, 3, place);
        text(out, 2, name);
        text(out, 1, type);
      }),
    ),
  );
  nested(out, 12, () => named(out, 1, ['BearerToken', undefined], () => undefined));
}

const methodFields: Readonly<Record<HttpMethod, number>> = {
  get: 2,
  put: 3,
  post: 4,
  delete: 5,
  patch: 8,
};

function writePath(out: ProtobufWriter, path: SwaggerPath): void {
  backwards(path.parameters, (each) => nested(out, 9, () => writeParameter(out, each)));
  backwards(httpMethods, (method) => {
    const operation = path[method];
    if (operation !== undefined)
      nested(out, methodFields[method], () => writeOperation(out, operation));
  });
}

function writeOperation(out: ProtobufWriter, operation: SwaggerOperation): void {
  writeExtensions(out, 13, operation);
  backwards(operation.schemes, (each) => text(out, 10, each));
  nested(out, 9, () =>
    backwards(Object.entries(operation.responses), (each) =>
      named(out, 1, each, (_, response) => nested(out, 1, () => writeResponse(out, response))),
    ),
  );
  backwards(operation.parameters, (each) => nested(out, 8, () => writeParameter(out, each)));
  backwards(operation.consumes, (each) => text(out, 7, each));
  backwards(operation.produces, (each) => text(out, 6, each));
  text(out, 5, operation.operationId);
  backwards(operation.tags, (each) => text(out, 1, each));
}

/** A `ParametersItem`, which wraps a `Parameter`, which wraps one of its forms. */
function writeParameter(out: ProtobufWriter, parameter: SwaggerParameter): void {
  const required = parameter.required === true;
  if (parameter.in === 'body') {
    nested(out, 1, () =>
      nested(out, 1, () => {
        nested(out, 5, () => writeSchema(out, parameter.schema));
        flag(out, 4, required);
        text(out, 3, 'body');
        text(out, 2, parameter.name);
      }),
    );
    return;
  }
  const { name, type, uniqueItems, in: place } = parameter;
  const isQuery = place === 'query';
  nested(out, 1, () =>
    nested(out, 2, () =>
      nested(out, isQuery ? 3 : 4, () => {
        flag(out, isQuery ? 20 : 19, uniqueItems);
        text(out, isQuery ? 6 : 5, type);
        text(out, 4, name);
        text(out, 2, place);
        flag(out, 1, required);
      }),
    ),
  );
}

function writeResponse(out: ProtobufWriter, { description, schema }: SwaggerResponse): void {
  if (schema !== undefined) nested(out, 2, () => nested(out, 1, () => writeSchema(out, schema)));
  text(out, 1, description);
}

type Write = (out: ProtobufWriter, field: number, value: unknown) => void;

/** Keywords of a schema whose values are written as they are. */
const plainKeywords: readonly (readonly [string, number, Write])[] = [
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

function writeSchema(out: ProtobufWriter, schema: OpenApiSchema): void {
  const { required, enum: values, type, items, properties, additionalProperties } = schema;
  const writeChild = (child: unknown): void => writeSchema(out, child as OpenApiSchema);
  writeExtensions(out, 31, schema);
  if (properties !== undefined) {
    nested(out, 25, () =>
      backwards(Object.entries(properties as object), (each) =>
        named(out, 1, each, (_, child) => writeChild(child)),
      ),
    );
  }
  if (items !== undefined) nested(out, 23, () => nested(out, 1, () => writeChild(items)));
  if (type !== undefined) nested(out, 22, () => text(out, 1, String(type)));
  if (typeof additionalProperties === 'boolean') {
    nested(out, 21, () => writeBoolean(out, 2, additionalProperties));
  } else if (additionalProperties !== undefined) {
    nested(out, 21, () => nested(out, 1, () => writeChild(additionalProperties)));
  }
  backwards(listOf(values), (each) => nested(out, 20, () => writeAny(out, each)));
  backwards(listOf(required), (each) => text(out, 19, String(each)));
  backwards(plainKeywords, ([keyword, field, write]) => {
    if (schema[keyword] !== undefined) write(out, field, schema[keyword]);
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function writeExtensions(out: ProtobufWriter, field: number, source: object): void {
  backwards(Object.entries(source), ([keyword, value]) => {
    if (!keyword.startsWith('x-') || value === undefined) return;
    named(out, field, [keyword, value], writeAny);
  });
}

/** Any value, as YAML, of which JSON is a part. */
function writeAny(out: ProtobufWriter, value: unknown): void {
  text(out, 2, `${JSON.stringify(value)}\n`);
}

const lengthDelimited = 2;

function nested(out: ProtobufWriter, field: number, write: () => void): void {
  const before = out.length;
  write();
  out.uint32(out.length - before);
  out.tag(field, lengthDelimited);
}

/** An entry of a map, which gnostic writes as a list of named values. */
function named<Value>(
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

function backwards<Item>(items: readonly Item[], write: (item: Item) => void): void {
  for (let at = items.length - 1; at >= 0; at--) write(items[at] as Item);
}

function text(out: ProtobufWriter, field: number, value: string): void {
  out.string(value);
  out.tag(field, lengthDelimited);
}

/** False is left out, as protobuf does. */
function flag(out: ProtobufWriter, field: number, value: boolean): void {
  if (value) writeBoolean(out, field, value);
}

function writeBoolean(out: ProtobufWriter, field: number, value: boolean): void {
  out.uint32(value ? 1 : 0);
  out.tag(field, 0);
}

function asText(out: ProtobufWriter, field: number, value: unknown): void {
  text(out, field, String(value));
}

function asFlag(out: ProtobufWriter, field: number, value: unknown): void {
  flag(out, field, value === true);
}

function asInteger(out: ProtobufWriter, field: number, value: unknown): void {
  out.int64(Number(value));
  out.tag(field, 0);
}

function asDouble(out: ProtobufWriter, field: number, value: unknown): void {
  out.double(Number(value));
  out.tag(field, 1);
}
