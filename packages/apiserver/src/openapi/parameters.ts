import type { BuiltInParts } from './built-in-open-api.ts';
import type { OpenApiOperation, OpenApiParameter, OpenApiPath } from './open-api-document.ts';

/** What every verb reads of the query and the path, with the words of the built-in documents. */
export interface ParameterLists {
  readonly get: readonly OpenApiParameter[];
  /** Of a deletion of many, too. */
  readonly list: readonly OpenApiParameter[];
  readonly write: readonly OpenApiParameter[];
  readonly delete: readonly OpenApiParameter[];
  readonly namespace: OpenApiParameter;
  readonly pretty: OpenApiParameter;
}

/** A built-in resource of which custom ones have the same parameters. */
const model = '/apis/apps/v1/namespaces/{namespace}/deployments';

export function parameterLists(builtIn: BuiltInParts): ParameterLists {
  const paths = builtIn.paths('apis/apps/v1');
  const collection = paths[model] ?? {};
  const object = paths[`${model}/{name}`] ?? {};
  const [namespace, pretty] = collection.parameters ?? [];
  if (namespace === undefined || pretty === undefined) throw new Error(`${model} is not described`);
  const list = collection.get?.parameters ?? [];
  return {
    get: list.filter(({ name }) => name === 'resourceVersion'),
    list,
    write: collection.post?.parameters ?? [],
    delete: object.delete?.parameters ?? [],
    namespace,
    pretty,
  };
}

export function nameParameter(kind: string): OpenApiParameter {
  return {
    name: 'name',
    in: 'path',
    description: `name of the ${kind}`,
    required: true,
    schema: { type: 'string', uniqueItems: true },
  };
}

/** The parameters of a path whose only operation leaves its own to it. */
export function withParametersOnPath(
  operation: OpenApiOperation,
  others: readonly OpenApiParameter[],
): OpenApiPath {
  const { parameters = [], ...get } = operation;
  return { get, parameters: [...parameters, ...others].sort(byPlaceAndName) };
}

function byPlaceAndName(one: OpenApiParameter, other: OpenApiParameter): number {
  if (one.in !== other.in) return one.in === 'path' ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}
