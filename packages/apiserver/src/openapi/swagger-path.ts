import type { OpenApiSchema } from '@fairway/kinds/schema';
import {
  type HttpMethod,
  type OpenApiOperation,
  type OpenApiParameter,
  type OpenApiPath,
  httpMethods,
} from './open-api-document.ts';
import { swaggerSchema } from './swagger-schema.ts';

/** What one path answers, in OpenAPI v2. Source: OpenAPI (Swagger) 2.0. */
export type SwaggerPath = { readonly [Method in HttpMethod]?: SwaggerOperation } & {
  readonly parameters: readonly SwaggerParameter[];
};

export interface SwaggerOperation extends Pick<
  OpenApiOperation,
  'tags' | 'operationId' | 'x-kubernetes-action' | 'x-kubernetes-group-version-kind'
> {
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly schemes: readonly string[];
  readonly parameters: readonly SwaggerParameter[];
  readonly responses: Readonly<Record<string, SwaggerResponse>>;
}

export type SwaggerParameter =
  | {
      readonly in: 'query' | 'path';
      readonly name: string;
      readonly type: string;
      readonly uniqueItems: boolean;
      readonly required?: true;
    }
  | {
      readonly in: 'body';
      readonly name: 'body';
      readonly schema: OpenApiSchema;
      readonly required?: true;
    };

export interface SwaggerResponse {
  readonly description: string;
  readonly schema?: OpenApiSchema;
}

/** Converts a path of OpenAPI v3 to v2, as far as v2 can express it. */
export function swaggerPath(path: OpenApiPath): SwaggerPath {
  const operations: Partial<Record<HttpMethod, SwaggerOperation>> = {};
  for (const method of httpMethods) {
    const operation = path[method];
    if (operation !== undefined) operations[method] = swaggerOperation(operation);
  }
  return { ...operations, parameters: path.parameters.map(swaggerParameter) };
}

function swaggerOperation(operation: OpenApiOperation): SwaggerOperation {
  const { requestBody, responses, parameters = [], ...rest } = operation;
  const consumes = Object.keys(requestBody?.content ?? { '*/*': {} });
  const [body] = Object.values(requestBody?.content ?? {});
  const given: SwaggerParameter[] = parameters.map(swaggerParameter);
  if (body !== undefined) {
    const isRequired = requestBody?.required === true;
    const schema = swaggerSchema(body.schema);
    given.unshift({ in: 'body', name: 'body', schema, ...(isRequired ? { required: true } : {}) });
  }
  return {
    ...rest,
    consumes,
    produces: Object.keys(responses['200']?.content ?? {}),
    schemes: ['https'],
    parameters: given,
    responses: mapValues(responses, ({ description, content }): SwaggerResponse => {
      const [first] = Object.values(content ?? {});
      return first === undefined
        ? { description }
        : { description, schema: swaggerSchema(first.schema) };
    }),
  };
}

function swaggerParameter({ schema, ...rest }: OpenApiParameter): SwaggerParameter {
  return { ...rest, ...schema };
}

function mapValues<From, To>(
  source: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value)]));
}
