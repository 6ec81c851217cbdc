import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import type { ProtobufWriter } from '@fairway/protocol';
import type { DocumentForm } from './document-form.ts';
import {
  type WriteField,
  asDouble,
  asFlag,
  asInteger,
  asText,
  backwards,
  flag,
  header,
  listOf,
  named,
  nested,
  text,
  writeAny,
  writeBoolean,
  writeExtensions,
  written,
} from './gnostic-writer.ts';
import {
  type HttpMethod,
  type OpenApiContent,
  type OpenApiOperation,
  type OpenApiParameter,
  type OpenApiPath,
  type OpenApiResponse,
  documentInfo,
  httpMethods,
  securitySchemes,
} from './open-api-document.ts';

/**
 * OpenAPI v3 in protobuf, as the discovery clients of Go read it.
 *
 * Source: field numbers of `openapi.v3` in gnostic-models, openapiv3/OpenAPIv3.proto.
 */
export const openApiProtobufForm: DocumentForm = {
  path: (name, path) => ({ bytes: written((out) => named(out, 1, [name, path], writePath)) }),
  definition: (name, schema) => written((out) => named(out, 1, [name, schema], writeSchemaOr)),
  document: ({ paths, definitions }) => {
    const security = written(writeSecurity);
    const schemas =
      definitions.length === 0
        ? []
        : [written((out) => header(out, 1, definitions)), ...definitions];
    return [
      written((out) => {
        header(out, 4, paths);
        nested(out, 2, () => {
          text(out, 6, documentInfo.version);
          text(out, 1, documentInfo.title);
        });
        text(out, 1, '3.0.0');
      }),
      ...paths,
      written((out) => header(out, 5, [...schemas, security])),
      ...schemas,
      security,
    ];
  },
};

function writeSecurity(out: ProtobufWriter): void {
  const { type, name, in: place, description } = securitySchemes.BearerToken;
  nested(out, 7, () =>
    named(out, 1, ['BearerToken', undefined], () =>
      nested(out, 1, () => {
        text(out, 4, place);
        text(out, 3, name);
        text(out, 2, description);
        text(out, 1, type);
      }),
    ),
  );
}

const methodFields: Readonly<Record<HttpMethod, number>> = {
  get: 4,
  put: 5,
  post: 6,
  delete: 7,
  options: 8,
  head: 9,
  patch: 10,
};

function writePath(out: ProtobufWriter, path: OpenApiPath): void {
  writeParameters(out, 13, path.parameters);
  backwards(httpMethods, (method) => {
    const operation = path[method];
    if (operation !== undefined)
      nested(out, methodFields[method], () => writeOperation(out, operation));
  });
}

function writeOperation(out: ProtobufWriter, operation: OpenApiOperation): void {
  const { requestBody, responses, parameters, operationId, description, tags } = operation;
  writeExtensions(out, 13, operation);
  nested(out, 8, () =>
    backwards(Object.entries(responses), (each) =>
      named(out, 2, each, (_, response) => nested(out, 1, () => writeResponse(out, response))),
    ),
  );
  if (requestBody !== undefined) {
    nested(out, 7, () =>
      nested(out, 1, () => {
        flag(out, 3, requestBody.required === true);
        nested(out, 2, () => writeContent(out, requestBody.content));
      }),
    );
  }
  writeParameters(out, 6, parameters);
  text(out, 5, operationId);
  if (description !== undefined) text(out, 3, description);
  backwards(tags, (each) => text(out, 1, each));
}

/** Each is a `ParameterOrReference`, and always the former. */
function writeParameters(
  out: ProtobufWriter,
  field: number,
  parameters: readonly OpenApiParameter[] = [],
): void {
  backwards(parameters, ({ name, in: place, description, required, schema }) =>
    nested(out, field, () =>
      nested(out, 1, () => {
        nested(out, 10, () => writeSchemaOr(out, schema));
        flag(out, 4, required === true);
        if (description !== undefined) text(out, 3, description);
        text(out, 2, place);
        text(out, 1, name);
      }),
    ),
  );
}

function writeResponse(out: ProtobufWriter, { description, content }: OpenApiResponse): void {
  if (content !== undefined) nested(out, 3, () => writeContent(out, content));
  text(out, 1, description);
}

function writeContent(out: ProtobufWriter, content: OpenApiContent): void {
  backwards(Object.entries(content), (each) =>
    named(out, 1, each, (_, { schema }) => nested(out, 1, () => writeSchemaOr(out, schema))),
  );
}

/** Keywords of a schema whose values are written as they are. */
const plainKeywords: readonly (readonly [string, number, WriteField])[] = [
  ['nullable', 1, asFlag],
  ['title', 9, asText],
  ['multipleOf', 10, asDouble],
  ['maximum', 11, asDouble],
  ['exclusiveMaximum', 12, asFlag],
  ['minimum', 13, asDouble],
  ['exclusiveMinimum', 14, asFlag],
  ['maxLength', 15, asInteger],
  ['minLength', 16, asInteger],
  ['pattern', 17, asText],
  ['maxItems', 18, asInteger],
  ['minItems', 19, asInteger],
  ['uniqueItems', 20, asFlag],
  ['maxProperties', 21, asInteger],
  ['minProperties', 22, asInteger],
];

const combinations = [
  ['allOf', 26],
  ['oneOf', 27],
  ['anyOf', 28],
] as const;

/** A `SchemaOrReference`. */
function writeSchemaOr(out: ProtobufWriter, schema: OpenApiSchema): void {
  const { $ref } = schema;
  if (typeof $ref === 'string') nested(out, 2, () => text(out, 1, $ref));
  else nested(out, 1, () => writeSchema(out, schema));
}

function writeSchema(out: ProtobufWriter, schema: OpenApiSchema): void {
  const { format, description, default: value, additionalProperties, properties, items } = schema;
  writeExtensions(out, 36, schema);
  if (format !== undefined) text(out, 35, String(format));
  if (description !== undefined) text(out, 34, String(description));
  if (value !== undefined) nested(out, 33, () => writeDefault(out, value));
  if (isOpenApiSchema(additionalProperties)) {
    nested(out, 32, () => nested(out, 1, () => writeSchemaOr(out, additionalProperties)));
  } else if (additionalProperties !== undefined) {
    nested(out, 32, () => writeBoolean(out, 2, additionalProperties === true));
  }
  if (isOpenApiSchema(properties)) {
    nested(out, 31, () =>
      backwards(Object.entries(properties as Readonly<Record<string, OpenApiSchema>>), (each) =>
        named(out, 1, each, writeSchemaOr),
      ),
    );
  }
  if (isOpenApiSchema(items))
    nested(out, 30, () => nested(out, 1, () => writeSchemaOr(out, items)));
  const { not } = schema;
  if (isOpenApiSchema(not)) nested(out, 29, () => writeSchema(out, not));
  backwards(combinations, ([keyword, field]) =>
    backwards(listOf(schema[keyword]), (each) =>
      nested(out, field, () => writeSchemaOr(out, each as OpenApiSchema)),
    ),
  );
  if (schema['type'] !== undefined) text(out, 25, String(schema['type']));
  backwards(listOf(schema['enum']), (each) => nested(out, 24, () => writeAny(out, each)));
  backwards(listOf(schema['required']), (each) => text(out, 23, String(each)));
  backwards(plainKeywords, ([keyword, field, write]) => {
    if (schema[keyword] !== undefined) write(out, field, schema[keyword]);
  });
}

/** A `DefaultType`, which has no form for objects and lists: they are left empty. */
function writeDefault(out: ProtobufWriter, value: unknown): void {
  if (typeof value === 'string') text(out, 3, value);
  else if (typeof value === 'boolean') writeBoolean(out, 2, value);
  else if (typeof value === 'number' || typeof value === 'bigint') asDouble(out, 1, Number(value));
}
