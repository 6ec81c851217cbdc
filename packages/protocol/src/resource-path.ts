import { badRequest } from './api-error.ts';
import { checkPathSegment } from './object-name.ts';

/** Which resource a path leads to; every `ResourceDescriptor` is one. */
export interface PathResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** What of the resource. Left out means: all of them; an empty text is refused. */
export interface PathAddress {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the subresource (of a proxy), percent-encoded, starting with `/`. */
  readonly rest?: string;
  /** What the server puts before every path (`/k8s/clusters/c-1`): the path of its URL. */
  readonly pathPrefix?: string;
}

/**
 * Writes the URL path of a resource: `/apis/apps/v1/namespaces/default/deployments/web/scale`.
 *
 * Errors: a BadRequest `ApiError` for a name that would lead elsewhere (empty, `.`, `..`, holding
 * `/` or `%`), so that a name from outside can never turn one request into another.
 * Source: Kubernetes API conventions, resource URIs.
 */
export function formatResourcePath(resource: PathResource, address: PathAddress = {}): string {
  const { namespace, name, subresource, rest = '' } = address;
  const isNamespaceItself = resource.group === '' && resource.plural === 'namespaces';
  let path = trimEnd(address.pathPrefix ?? '');
  path +=
    resource.group === ''
      ? `/api/${segment('version', resource.version)}`
      : `/apis/${segment('group', resource.group)}/${segment('version', resource.version)}`;
  if (namespace !== undefined && !isNamespaceItself) {
    if (!resource.isNamespaced) {
      throw badRequest(`${resource.plural} are cluster-scoped and take no namespace`);
    }
    path += `/namespaces/${segment('namespace', namespace)}`;
  }
  if (resource.isNamespaced && namespace === undefined && name !== undefined) {
    throw badRequest(`a namespace is required to address ${resource.plural} "${name}"`);
  }
  path += `/${segment('resource', resource.plural)}`;
  if (name !== undefined) path += `/${segment('name', name)}`;
  if (subresource === undefined) return path;
  if (name === undefined) throw badRequest(`a name is required to address /${subresource}`);
  if (rest !== '' && !rest.startsWith('/')) {
    throw badRequest(`what follows a subresource must start with "/": ${JSON.stringify(rest)}`);
  }
  return `${path}/${segment('subresource', subresource)}${rest}`;
}

function segment(what: string, text: string): string {
  const problem = text === '' ? 'may not be empty' : checkPathSegment(text);
  if (problem !== undefined) throw badRequest(`${what} ${JSON.stringify(text)} ${problem}`);
  if (!text.isWellFormed())
    throw badRequest(`${what} ${JSON.stringify(text)} is not valid Unicode`);
  // A colon is plain in a path, and `system:masters` reads better than `system%3Amasters`.
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

function trimEnd(prefix: string): string {
  let end = prefix.length;
  while (prefix[end - 1] === '/') end -= 1;
  return prefix.slice(0, end);
}
