import { type DocumentForm, joinJson, jsonMember } from './document-form.ts';
import { documentInfo, securitySchemes } from './open-api-document.ts';

/** OpenAPI v3. Source: OpenAPI 3.0.0. */
export const openApiForm: DocumentForm = {
  path: (name, path) => ({ bytes: jsonMember(name, path) }),
  definition: jsonMember,
  document: ({ paths, definitions }) =>
    joinJson(
      `{"openapi":"3.0.0","info":${JSON.stringify(documentInfo)},"paths":{`,
      paths,
      '},"components":{',
      ...(definitions.length === 0 ? [] : ['"schemas":{', definitions, '},']),
      `"securitySchemes":${JSON.stringify(securitySchemes)}}}`,
    ),
};
