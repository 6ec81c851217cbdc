import type { OpenApiSchema } from '@fairway/kinds/schema';
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
  documentInfo,
  httpMethods,
  securitySchemes,
} from './open-api-document.ts';
import { SharedParameters } from './shared-parameters.ts';
import {
  type SwaggerItem,
  type SwaggerOperation,
  type SwaggerParameter,
  type SwaggerPath,
  type SwaggerResponse,
  swaggerPath,
} from './swagger-path.ts';
import { swaggerSchema } from './swagger-schema.ts';

/**
 * OpenAPI v2 in protobuf, as the discovery clients of Go read it.
 *
 * Source: field numbers of `openapi.v2` in gnostic-models, openapiv2/OpenAPIv2.proto.
 */
export function swaggerProtobufForm(): DocumentForm {
  const common = new SharedParameters();
  return {
    path: (name, path) => {
      const { path: sharing, shared } = common.share(swaggerPath(path));
      const parameters = new Map(
        [...shared].map(([key, parameter]) => [
          key,
          written((out) => named(out, 1, [key, parameter], writeParameter)),
        ]),
      );
      return { bytes: written((out) => named(out, 2, [name, sharing], writePath)), parameters };
    },
    definition: (name, schema, origin) =>
      written((out) => named(out, 1, [name, swaggerSchema(schema, origin)], writeSchema)),
    document: ({ paths, definitions, parameters }) => [
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
      written((out) => header(out, 10, parameters)),
      ...parameters,
      written(writeSecurity),
    ],
  };
}

function writeSecurity(out: ProtobufWriter): void {
  const { type, name, in: place, description } = securitySchemes.BearerToken;
  nested(out, 13, () =>
    named(out, 1, ['BearerToken', undefined], () =>
      nested(out, 2, () => {
        text(out, 4, description);
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
  options: 6,
  head: 7,
  patch: 8,
};

function writePath(out: ProtobufWriter, path: SwaggerPath): void {
  backwards(path.parameters ?? [], (each) => nested(out, 9, () => writeItem(out, each)));

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
  backwards(operation.parameters ?? [], (each) => nested(out, 8, () => writeItem(out, each)));
  backwards(operation.consumes ?? [], (each) => text(out, 7, each));
  backwards(operation.produces, (each) => text(out, 6, each));
  text(out, 5, operation.operationId);
  if (operation.description !== undefined) text(out, 3, operation.description);
  backwards(operation.tags, (each) => text(out, 1, each));
}

/** A `ParametersItem`: a `Parameter`, or where it stands. */
function writeItem(out: ProtobufWriter, item: SwaggerItem): void {
  if ('$ref' in item) nested(out, 2, () => text(out, 1, item.$ref));
  else nested(out, 1, () => writeParameter(out, item));
}

/** A `Parameter`, which wraps one of its forms. */
function writeParameter(out: ProtobufWriter, parameter: SwaggerParameter): void {
  const required = parameter.required === true;
  if (parameter.in === 'body') {
    nested(out, 1, () => {
      nested(out, 5, () => writeSchema(out, parameter.schema));
      flag(out, 4, required);
      text(out, 3, 'body');
      text(out, 2, parameter.name);
    });
    return;
  }
  const { name, type, uniqueItems, description, in: place } = parameter;
  const isQuery = place === 'query';
  nested(out, 2, () =>
    nested(out, isQuery ? 3 : 4, () => {
      flag(out, isQuery ? 20 : 19, uniqueItems);
      text(out, isQuery ? 6 : 5, type);
      text(out, 4, name);
      if (description !== undefined) text(out, 3, description);
      text(out, 2, place);
      flag(out, 1, required);
    }),
  );
}

function writeResponse(out: ProtobufWriter, { description, schema }: SwaggerResponse): void {
  if (schema !== undefined) nested(out, 2, () => nested(out, 1, () => writeSchema(out, schema)));
  text(out, 1, description);
}

/** Keywords of a schema whose values are written as they are. */
const plainKeywords: readonly (readonly [string, number, WriteField])[] = [
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
