import type { ServedResource } from '../registry/served-resource.ts';
import { type Definitions, reachableDefinitions } from './definitions.ts';
import {
  type OpenApiDocument,
  type OpenApiPath,
  documentInfo,
  referenceTo,
  securitySchemes,
} from './open-api-document.ts';
import { groupTag, titleOf } from './operation-names.ts';
import { resourcePaths, rootOf } from './resource-paths.ts';

/** Describes one version of one group: its paths and the definitions that they reach. */
export function groupVersionDocument(
  resources: readonly ServedResource[],
  definitions: Definitions,
): OpenApiDocument {
  const paths = groupVersionPaths(resources, definitions);
  return {
    openapi: '3.0.0',
    info: documentInfo,
    paths,
    components: { schemas: reachableDefinitions(paths, definitions), securitySchemes },
    security: [{ BearerToken: [] }],
  };
}

/** The paths of one version of one group, ordered. */
export function groupVersionPaths(
  resources: readonly ServedResource[],
  definitions: Definitions,
): Record<string, OpenApiPath> {
  const paths: Record<string, OpenApiPath> = {};
  const [first] = resources;
  if (first !== undefined) paths[`${rootOf(first)}/`] = discoveryPath(first);
  for (const resource of resources) Object.assign(paths, resourcePaths(resource, definitions));
  return Object.fromEntries(Object.entries(paths).sort(([one], [other]) => (one < other ? -1 : 1)));
}

const resourceList = 'io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList';

function discoveryPath(resource: ServedResource): OpenApiPath {
  const tag = groupTag(resource);
  const schema = referenceTo(resourceList);
  const content = { 'application/json': { schema }, 'application/yaml': { schema } };
  return {
    get: {
      tags: [tag],
      operationId: `get${titleOf(tag)}APIResources`,
      responses: {
        '200': { description: 'OK', content },
        '401': { description: 'Unauthorized' },
      },
    },
    parameters: [],
  };
}
