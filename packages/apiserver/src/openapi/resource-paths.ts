import { patchTypes } from '../objects/patch.ts';
import type { ServedResource, ServedSubresource } from '../registry/served-resource.ts';
import { customDefinitionName } from './custom-definitions.ts';
import type { DefinitionNames } from './definitions.ts';
import {
  type GroupVersionKind,
  type HttpMethod,
  type OpenApiContent,
  type OpenApiOperation,
  type OpenApiParameter,
  type OpenApiPath,
  type OpenApiResponse,
  referenceTo,
} from './open-api-document.ts';
import { groupTag, titleOf } from './operation-names.ts';
import {
  deleteParameters,
  listParameters,
  nameParameter,
  namespaceParameter,
  patchParameters,
  prettyParameter,
  writeParameters,
} from './parameters.ts';

/** Every path of a resource with what can be done there. */
export function resourcePaths(
  resource: ServedResource,
  nameOfBuiltIn: DefinitionNames,
): Record<string, OpenApiPath> {
  const { plural, isNamespaced } = resource;
  const root = rootOf(resource);
  const collection = isNamespaced
    ? `${root}/namespaces/{namespace}/${plural}`
    : `${root}/${plural}`;
  const place = isNamespaced ? [namespaceParameter] : [];
  const scope: Scope = { resource, nameOfBuiltIn };
  const paths: Record<string, OpenApiPath> = {};
  if (isNamespaced && resource.verbs.includes('list')) {
    const list = operation(scope, 'list', { suffix: 'ForAllNamespaces' });
    paths[`${root}/${plural}`] = { get: list, parameters: [prettyParameter] };
  }
  const onCollection = pathOf(scope, ['list', 'create', 'deletecollection']);
  if (Object.keys(onCollection).length > 0) {
    paths[collection] = { ...onCollection, parameters: [...place, prettyParameter] };
  }
  const named = [nameParameter, ...place, prettyParameter];
  const onObject = pathOf(scope, ['get', 'update', 'delete', 'patch']);
  if (Object.keys(onObject).length > 0) {
    paths[`${collection}/{name}`] = { ...onObject, parameters: named };
  }
  for (const subresource of resource.subresources.values()) {
    const onSubresource = pathOf({ ...scope, subresource }, subresourceVerbs);
    paths[`${collection}/{name}/${subresource.name}`] = { ...onSubresource, parameters: named };
  }
  return paths;
}

/** `/api/v1`, `/apis/apps/v1`. */
export function rootOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

const subresourceVerbs = ['get', 'update', 'create', 'delete', 'patch'] as const;

interface Scope {
  readonly resource: ServedResource;
  readonly subresource?: ServedSubresource;
  readonly nameOfBuiltIn: DefinitionNames;
}

type Verb = keyof typeof verbs;

interface VerbForm {
  readonly method: HttpMethod;
  readonly action: string;
  /** What the name of the operation begins with. */
  readonly prefix: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly statuses: readonly ('200' | '201' | '202')[];
}

const verbs = {
  get: {
    method: 'get',
    action: 'get',
    prefix: 'read',
    parameters: [],
    statuses: ['200'],
  },
  list: {
    method: 'get',
    action: 'list',
    prefix: 'list',
    parameters: listParameters,
    statuses: ['200'],
  },
  create: {
    method: 'post',
    action: 'post',
    prefix: 'create',
    parameters: writeParameters,
    statuses: ['200', '201', '202'],
  },
  update: {
    method: 'put',
    action: 'put',
    prefix: 'replace',
    parameters: writeParameters,
    statuses: ['200', '201'],
  },
  patch: {
    method: 'patch',
    action: 'patch',
    prefix: 'patch',
    parameters: patchParameters,
    statuses: ['200', '201'],
  },
  delete: {
    method: 'delete',
    action: 'delete',
    prefix: 'delete',
    parameters: deleteParameters,
    statuses: ['200', '202'],
  },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    prefix: 'delete',
    parameters: [
      ...listParameters.filter(({ name }) => !/^(watch|allowWatch)/.test(name)),
      ...deleteParameters,
    ],
    statuses: ['200'],
  },
} as const satisfies Record<string, VerbForm>;

const reasons = {
  '200': 'OK',
  '201': 'Created',
  '202': 'Accepted',
  '401': 'Unauthorized',
} as const;

function pathOf(
  scope: Scope,
  wanted: readonly Verb[],
): Partial<Record<HttpMethod, OpenApiOperation>> {
  const served = scope.subresource?.verbs ?? scope.resource.verbs;
  const path: Partial<Record<HttpMethod, OpenApiOperation>> = {};
  for (const verb of wanted) {
    if (served.includes(verb)) path[verbs[verb].method] = operation(scope, verb, { suffix: '' });
  }
  return path;
}

function operation(
  scope: Scope,
  verb: Verb,
  { suffix }: { readonly suffix: string },
): OpenApiOperation {
  const { action, parameters, statuses } = verbs[verb];
  const kind = kindOf(scope);
  const body = requestBody(scope, verb);
  return {
    tags: [groupTag(scope.resource)],
    operationId: operationId(scope, verb, suffix),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(statuses, responseContent(scope, verb)),
    'x-kubernetes-action': isConnection(scope) ? 'connect' : action,
    'x-kubernetes-group-version-kind': kind,
  };
}

function operationId(scope: Scope, verb: Verb, suffix: string): string {
  const { resource, subresource } = scope;
  const { prefix, method } = verbs[verb];
  const isConnect = isConnection(scope);
  const middle = isConnect ? titleOf(method) : verb === 'deletecollection' ? 'Collection' : '';
  const namespaced = resource.isNamespaced && suffix === '' ? 'Namespaced' : '';
  const part = subresource === undefined ? '' : titleOf(subresource.name);
  const group = titleOf(groupTag(resource));
  const start = `${isConnect ? 'connect' : prefix}${group}${middle}`;
  return `${start}${namespaced}${resource.kind}${part}${suffix}`;
}

function kindOf({ resource, subresource }: Scope): GroupVersionKind {
  const { group, version, kind } = subresource ?? resource;
  return { group, version, kind };
}

/** Streams of bytes to and from a pod, not objects: `exec`, `attach`, `portforward`, `proxy`. */
function isConnection({ subresource }: Scope): boolean {
  return subresource?.kind.endsWith('Options') === true;
}

const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const patch = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const status = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';

function requestBody(scope: Scope, verb: Verb): OpenApiOperation['requestBody'] {
  switch (verb) {
    case 'get':
    case 'list':
      return undefined;
    case 'delete':
    case 'deletecollection':
      return { content: { '*/*': { schema: referenceTo(deleteOptions) } } };
    case 'patch': {
      const taken = [...patchTypes].filter(
        ([, each]) => scope.resource.isBuiltIn || !each.isOnlyForBuiltIn,
      );
      const types = taken.map(([type]) => type).sort();
      return { content: contentOf(types, patch), required: true };
    }
    default:
      if (isConnection(scope)) return undefined;
      return { content: contentOf(['*/*'], nameOf(scope, kindOf(scope))), required: true };
  }
}

function responseContent(scope: Scope, verb: Verb): OpenApiContent {
  if (isConnection(scope)) return { '*/*': { schema: { type: 'string' } } };
  const types = ['application/json', 'application/yaml'];
  if (scope.resource.isBuiltIn) types.push('application/vnd.kubernetes.protobuf');
  if (verb !== 'list') {
    const isDeletion = verb === 'delete' || verb === 'deletecollection';
    return contentOf(types, isDeletion ? status : nameOf(scope, kindOf(scope)));
  }
  const { listKind: kind } = scope.resource;
  const watched = types
    .filter((each) => !each.endsWith('yaml'))
    .map((each) => `${each};stream=watch`);
  return contentOf([...types, ...watched], nameOf(scope, { ...kindOf(scope), kind }));
}

function responses(
  statuses: VerbForm['statuses'],
  content: OpenApiContent,
): Record<string, OpenApiResponse> {
  const answers: Record<string, OpenApiResponse> = {};
  for (const code of statuses) answers[code] = { description: reasons[code], content };
  answers['401'] = { description: reasons['401'] };
  return answers;
}

function contentOf(types: readonly string[], definition: string | undefined): OpenApiContent {
  const schema = definition === undefined ? { type: 'object' } : referenceTo(definition);
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function nameOf({ resource, nameOfBuiltIn }: Scope, kind: GroupVersionKind): string | undefined {
  return customDefinitionName(resource, kind) ?? nameOfBuiltIn(kind);
}
