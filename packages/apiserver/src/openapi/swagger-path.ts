import type { OpenApiSchema } from '@fairway/kinds/schema';
import {
  type HttpMethod,
  type OpenApiContent,
  type OpenApiOperation,
  type OpenApiParameter,
  type OpenApiPath,
  httpMethods,
} from './open-api-document.ts';
import { swaggerSchema } from './swagger-schema.ts';

/** What one path answers, in OpenAPI v2. Source: OpenAPI (Swagger) 2.0. */
export type SwaggerPath = { readonly [Method in HttpMethod]?: SwaggerOperation } & {
  readonly parameters?: readonly SwaggerItem[];
};

export interface SwaggerOperation extends Pick<
  OpenApiOperation,
  'tags' | 'description' | 'operationId' | 'x-kubernetes-action' | 'x-kubernetes-group-version-kind'
> {
  readonly consumes?: readonly string[];
  readonly produces: readonly string[];
  readonly schemes: readonly string[];
  readonly parameters?: readonly SwaggerItem[];
  readonly responses: Readonly<Record<string, SwaggerResponse>>;
}

/** A parameter, or where it stands in the document. */
export type SwaggerItem = SwaggerParameter | { readonly $ref: string };

export type SwaggerParameter =
  | {
      readonly uniqueItems: boolean;
      readonly type: string;
      readonly description?: string;
      readonly name: string;
      readonly in: 'query' | 'path';
      readonly required?: true;
    }
  | {
      readonly name: 'body';
      readonly in: 'body';
      readonly required?: true;
      readonly schema: OpenApiSchema;
    };

export interface SwaggerResponse {
  readonly description: string;
  readonly schema?: OpenApiSchema;
}

/** Converts a path of OpenAPI v3 to v2, as far as v2 can express it. */
export function swaggerPath(path: OpenApiPath): SwaggerPath {
  const operations = httpMethods.flatMap((method) => {
    const operation = path[method];
    return operation === undefined ? [] : [[method, swaggerOperation(operation)] as const];
  });
  return {
    ...Object.fromEntries(operations),
    ...(path.parameters === undefined ? {} : { parameters: path.parameters.map(swaggerParameter) }),
  };
}

/** The operations of a path, by method. */
export function operationsOf(path: SwaggerPath): readonly [HttpMethod, SwaggerOperation][] {
  return httpMethods.flatMap((method) => {
    const operation = path[method];
    return operation === undefined ? [] : [[method, operation] as [HttpMethod, SwaggerOperation]];
  });
}

function swaggerOperation(operation: OpenApiOperation): SwaggerOperation {
  const { requestBody, responses, parameters = [], tags, operationId, ...rest } = operation;
  const [answered] = Object.values(responses);
  const produces = typesOf(answered?.content ?? {});
  const consumes = consumedTypes(operation, produces);
  const [body] = Object.values(requestBody?.content ?? {});
  const given: SwaggerItem[] = parameters.map(swaggerParameter);
  if (body !== undefined) {
    const isRequired = requestBody?.required === true;
    const schema = swaggerSchema(body.schema, { isBuiltIn: true });
    given.unshift({ name: 'body', in: 'body', ...(isRequired ? { required: true } : {}), schema });
  }
  const { description, ...extensions } = rest;
  return {
    ...(description === undefined ? {} : { description }),
    ...(consumes === undefined ? {} : { consumes }),
    produces,
    schemes: ['https'],
    tags,
    operationId,
    ...(given.length === 0 ? {} : { parameters: given }),
    responses: mapValues(responses, ({ description: what, content }): SwaggerResponse => {
      const [first] = Object.values(content ?? {});
      return first === undefined
        ? { description: what }
        : { description: what, schema: swaggerSchema(first.schema, { isBuiltIn: true }) };
    }),
    ...extensions,
  };
}

/** The order in which v2 names media types; v3 has no order. */
const typesInOrder = [
  'text/plain',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

function typesOf(content: OpenApiContent): readonly string[] {
  const rank = (type: string): number => {
    const [plain = '', parameter] = type.split(';');
    return typesInOrder.indexOf(plain) + (parameter === undefined ? 0 : typesInOrder.length);
  };
  return Object.keys(content).sort((one, other) => rank(one) - rank(other));
}

/** What a document about this server takes is what it gives, and those of OpenID say nothing of it. */
function consumedTypes(
  operation: OpenApiOperation,
  produces: readonly string[],
): readonly string[] | undefined {
  if (operation['x-kubernetes-action'] === undefined) {
    return operation.operationId.includes('ServiceAccountIssuer') ? undefined : produces;
  }
  if (operation.requestBody !== undefined) return typesOf(operation.requestBody.content);
  // Custom resources, which have no protobuf, say of requests without a body too in what they would be.
  return produces.includes('application/vnd.kubernetes.protobuf') ? ['*/*'] : produces;
}

function swaggerParameter(parameter: OpenApiParameter): SwaggerParameter {
  const { schema, name, in: place, description, required } = parameter;
  return {
    uniqueItems: schema.uniqueItems,
    type: schema.type,
    ...(description === undefined ? {} : { description }),
    name,
    in: place,
    ...(required === true ? { required } : {}),
  };
}

function mapValues<From, To>(
  source: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value)]));
}
