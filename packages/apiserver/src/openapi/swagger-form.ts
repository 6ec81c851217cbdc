import { type DocumentForm, joinJson, jsonMember } from './document-form.ts';
import { documentInfo, securitySchemes } from './open-api-document.ts';
import { swaggerPath } from './swagger-path.ts';
import { swaggerSchema } from './swagger-schema.ts';

/** OpenAPI v2, which older clients read. Source: OpenAPI (Swagger) 2.0. */
export const swaggerForm: DocumentForm = {
  path: (name, path) => jsonMember(name, swaggerPath(path)),
  definition: (name, schema) => jsonMember(name, swaggerSchema(schema)),
  document: (paths, definitions) =>
    joinJson(
      `{"swagger":"2.0","info":${JSON.stringify(documentInfo)},"paths":{`,
      paths,
      '},"definitions":{',
      definitions,
      `},"securityDefinitions":${JSON.stringify(securitySchemes)},"security":[{"BearerToken":[]}]}`,
    ),
};
