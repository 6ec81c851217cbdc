import { groupVersionPath } from '@fairway/protocol';
import { applyType, patchTypes } from '../objects/patch.ts';
import type { ServedResource, ServedSubresource } from '../registry/served-resource.ts';
import { customDefinitionName } from './custom-definitions.ts';
import type { BuiltInParts, DefinitionNames } from './built-in-open-api.ts';
import {
  type GroupVersionKind,
  type HttpMethod,
  type OpenApiContent,
  type OpenApiOperation,
  type OpenApiPath,
  type OpenApiResponse,
  referenceTo,
} from './open-api-document.ts';
import { groupTag, titleOf } from './operation-names.ts';
import {
  type ParameterLists,
  nameParameter,
  parameterLists,
  withParametersOnPath,
} from './parameters.ts';

/**
 * Every path of a custom resource with what can be done there.
 *
 * Source: apiextensions-apiserver, the builder of its OpenAPI controller.
 */
export function customPaths(
  resource: ServedResource,
  builtIn: BuiltInParts,
): Record<string, OpenApiPath> {
  const { plural, isNamespaced } = resource;
  const root = groupVersionPath(resource);
  const collection = isNamespaced
    ? `${root}/namespaces/{namespace}/${plural}`
    : `${root}/${plural}`;
  const lists = parameterLists(builtIn);
  const place = isNamespaced ? [lists.namespace] : [];
  const scope: Scope = { resource, nameOfBuiltIn: builtIn.nameOf, lists };
  const paths: Record<string, OpenApiPath> = {};
  if (isNamespaced && resource.verbs.includes('list')) {
    const list = operation(scope, 'list', { suffix: 'ForAllNamespaces' });
    paths[`${root}/${plural}`] = withParametersOnPath(list, [lists.pretty]);
  }
  const onCollection = pathOf(scope, ['list', 'create', 'deletecollection']);
  if (Object.keys(onCollection).length > 0) {
    paths[collection] = { ...onCollection, parameters: [...place, lists.pretty] };
  }
  const named = [nameParameter(resource.kind), ...place, lists.pretty];
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

const subresourceVerbs = ['get', 'update', 'create', 'delete', 'patch'] as const;

interface Scope {
  readonly resource: ServedResource;
  readonly subresource?: ServedSubresource;
  readonly nameOfBuiltIn: DefinitionNames;
  readonly lists: ParameterLists;
}

type Verb = 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

interface VerbForm {
  readonly method: HttpMethod;
  readonly action: string;
  /** What the name of the operation begins with. */
  readonly prefix: string;
  /** What it does, before the kind; for a subresource, around its name. */
  readonly words: string;
  readonly parameters: 'get' | 'list' | 'write' | 'delete';
  readonly statuses: readonly ('200' | '201' | '202')[];
}

const verbs: Readonly<Record<Verb, VerbForm>> = {
  get: {
    method: 'get',
    action: 'get',
    prefix: 'read',
    words: 'read the specified',
    parameters: 'get',
    statuses: ['200'],
  },
  list: {
    method: 'get',
    action: 'list',
    prefix: 'list',
    words: 'list objects of kind',
    parameters: 'list',
    statuses: ['200'],
  },
  create: {
    method: 'post',
    action: 'post',
    prefix: 'create',
    words: 'create',
    parameters: 'write',
    statuses: ['200', '201', '202'],
  },
  update: {
    method: 'put',
    action: 'put',
    prefix: 'replace',
    words: 'replace the specified',
    parameters: 'write',
    statuses: ['200', '201'],
  },
  patch: {
    method: 'patch',
    action: 'patch',
    prefix: 'patch',
    words: 'partially update the specified',
    parameters: 'write',
    statuses: ['200'],
  },
  delete: {
    method: 'delete',
    action: 'delete',
    prefix: 'delete',
    words: 'delete',
    parameters: 'delete',
    statuses: ['200', '202'],
  },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    prefix: 'delete',
    words: 'delete collection of',
    parameters: 'list',
    statuses: ['200'],
  },
};

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
  const { action, words, parameters, statuses } = verbs[verb];
  const { resource, subresource, lists } = scope;
  const { group, version, kind } = resource;
  const body = requestBody(scope, verb);
  const what =
    subresource === undefined ? words : words.replace('the', `${subresource.name} of the`);
  const article = verb === 'create' || verb === 'delete' ? articleOf(kind) : '';
  return {
    tags: [groupTag(resource)],
    description: `${what} ${article}${kind}`,
    operationId: operationId(scope, verb, suffix),
    parameters: lists[parameters],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(statuses, responseContent(scope, verb)),
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

/** A kind that sounds like several has none. */
function articleOf(kind: string): string {
  if (/[^s]s$/.test(kind)) return '';
  return /^[aeiou]/i.test(kind) ? 'an ' : 'a ';
}

function operationId({ resource, subresource }: Scope, verb: Verb, suffix: string): string {
  const collection = verb === 'deletecollection' ? 'Collection' : '';
  const namespaced = resource.isNamespaced && suffix === '' ? 'Namespaced' : '';
  const part = subresource === undefined ? '' : titleOf(subresource.name);
  const start = `${verbs[verb].prefix}${titleOf(groupTag(resource))}${collection}`;
  return `${start}${namespaced}${resource.kind}${part}${suffix}`;
}

/** What is written and read there. */
function kindOf({ resource, subresource }: Scope): GroupVersionKind {
  const { group, version, kind } = subresource ?? resource;
  return { group, version, kind };
}

const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const patch = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const status = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';

function requestBody(scope: Scope, verb: Verb): OpenApiOperation['requestBody'] {
  switch (verb) {
    case 'get':
    case 'list':
    case 'deletecollection':
      return undefined;
    case 'delete':
      return { content: contentOf(encodings, deleteOptions) };
    case 'patch': {
      const taken = [...patchTypes].filter(([, each]) => !each.isOnlyForBuiltIn);
      const types = [applyType, ...taken.map(([type]) => type)].sort();
      return { content: contentOf(types, patch), required: true };
    }
    default:
      return { content: contentOf(encodings, nameOf(scope, kindOf(scope))), required: true };
  }
}

const encodings = ['application/json', 'application/yaml'];

function responseContent(scope: Scope, verb: Verb): OpenApiContent {
  if (verb !== 'list') {
    const isDeletion = verb === 'delete' || verb === 'deletecollection';
    return contentOf(encodings, isDeletion ? status : nameOf(scope, kindOf(scope)));
  }
  const { listKind: kind } = scope.resource;
  return contentOf(encodings, nameOf(scope, { ...kindOf(scope), kind }));
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
