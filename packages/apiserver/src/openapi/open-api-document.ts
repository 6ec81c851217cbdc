import type { OpenApiSchema } from '@fairway/kinds/schema';

export const httpMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;
export type HttpMethod = (typeof httpMethods)[number];

/** What one path answers. Source: OpenAPI 3.0.0. */
export type OpenApiPath = { readonly [Method in HttpMethod]?: OpenApiOperation } & {
  readonly parameters?: readonly OpenApiParameter[];
};

export interface OpenApiOperation {
  readonly tags: readonly string[];
  readonly description?: string;
  readonly operationId: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly content: OpenApiContent; readonly required?: true };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly 'x-kubernetes-action'?: string;
  readonly 'x-kubernetes-group-version-kind'?: GroupVersionKind;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly description?: string;
  readonly required?: true;
  readonly schema: { readonly type: 'string' | 'integer' | 'boolean'; readonly uniqueItems: true };
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content?: OpenApiContent;
}

/** By media type. */
export type OpenApiContent = Readonly<Record<string, { readonly schema: OpenApiSchema }>>;

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export const documentInfo = { title: 'Kubernetes', version: '1.36' } as const;

export const securitySchemes = {
  BearerToken: {
    type: 'apiKey',
    description: 'Bearer Token authentication',
    name: 'authorization',
    in: 'header',
  },
} as const;

/** What every `$ref` to a definition begins with. */
export const schemaReference = '#/components/schemas/';

export function referenceTo(definition: string): OpenApiSchema {
  return { $ref: schemaReference + definition };
}
