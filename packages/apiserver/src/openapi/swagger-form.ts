import { type DocumentForm, joinJson, jsonMember } from './document-form.ts';
import { documentInfo, securitySchemes } from './open-api-document.ts';
import { SharedParameters } from './shared-parameters.ts';
import { swaggerPath } from './swagger-path.ts';
import { swaggerSchema } from './swagger-schema.ts';

/** OpenAPI v2, which older clients read. Source: OpenAPI (Swagger) 2.0. */
export function swaggerForm(): DocumentForm {
  const common = new SharedParameters();
  return {
    path: (name, path) => {
      const { path: sharing, shared } = common.share(swaggerPath(path));
      const parameters = new Map(
        [...shared].map(([key, parameter]) => [key, jsonMember(key, parameter)]),
      );
      return { bytes: jsonMember(name, sharing), parameters };
    },
    definition: (name, schema, origin) => jsonMember(name, swaggerSchema(schema, origin)),
    document: ({ paths, definitions, parameters }) =>
      joinJson(
        `{"swagger":"2.0","info":${JSON.stringify(documentInfo)},"paths":{`,
        paths,
        '},"definitions":{',
        definitions,
        '},"parameters":{',
        parameters,
        `},"securityDefinitions":${JSON.stringify(securitySchemes)},"security":[{"BearerToken":[]}]}`,
      ),
  };
}
