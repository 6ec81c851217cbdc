import { ApiError, badRequest } from './api-error.ts';
import { type FieldSelector, parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import { checkPathSegment } from './object-name.ts';
import { readBoolean } from './query-values.ts';
import type { NonResourceTarget, RequestTarget, ResourceTarget } from './request-target.ts';

/**
 * Reads what a request is aimed at from its method, its path and its query (both as sent).
 *
 * Errors: a BadRequest `ApiError` for malformed percent-encoding and for a resource path with a
 * segment that cannot be a name (`..`, an encoded slash). A path with an empty segment in the
 * middle is not a resource path. Source: Kubernetes API conventions, resource URIs; verbs as
 * authorization names them.
 */
export function parseRequestTarget(request: {
  readonly method: string;
  readonly path: string;
  readonly query: string;
}): RequestTarget {
  const encoded = splitPath(request.path);
  const part = (index: number): string => decodeSegment(encoded[index] ?? '');
  const prefixLength = encoded[0] === 'api' ? 2 : encoded[0] === 'apis' ? 3 : 0;
  if (prefixLength === 0 || encoded.length <= prefixLength) return nonResource(request);
  let at = prefixLength;
  let verb = verbs[request.method] ?? '';
  if (part(at) === 'watch' || part(at) === 'proxy') {
    verb = part(at);
    at += 1;
    if (at === encoded.length) {
      throw badRequest(`unable to determine kind and namespace from url, ${request.path}`);
    }
  }
  let namespace = '';
  if (part(at) === 'namespaces' && encoded.length > at + 1) {
    namespace = part(at + 1);
    if (encoded.length > at + 2 && !namespaceSubresources.has(part(at + 2))) at += 2;
  }
  const hasSubresource = verb !== 'proxy' && encoded.length > at + 2;
  const used = Math.min(encoded.length, hasSubresource ? at + 3 : at + 2);
  if (encoded.slice(0, used).includes('')) return nonResource(request);
  const subresource = hasSubresource ? part(at + 2) : '';
  const target: ResourceTarget = {
    isResource: true,
    verb,
    group: checkSegment('Group', prefixLength === 3 ? part(1) : ''),
    version: checkSegment('Version', part(prefixLength - 1)),
    plural: checkSegment('Resource', part(at)),
    subresource: checkSegment('Subresource', subresource),
    namespace: checkSegment('Namespace', namespace),
    name: checkSegment('Name', part(at + 1)),
    rest: restAfter(request.path, { segments: used, keepsSlash: subresource === 'proxy' }),
  };
  return target.name === '' ? ofCollection(target, request.query) : target;
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

/** A collection is listed or watched, and selectors may narrow it down, also to one name. */
function ofCollection(target: ResourceTarget, query: string): ResourceTarget {
  if (target.verb !== 'get' && target.verb !== 'delete') return target;
  const isDeleted = target.verb === 'delete';
  if (query === '') return { ...target, verb: isDeleted ? 'deletecollection' : 'list' };
  const values = new URLSearchParams(query);
  const selectors = readSelectors(values);
  if (isDeleted) return { ...target, ...selectors, verb: 'deletecollection' };
  const verb = readBoolean(values, 'watch') === true ? 'watch' : 'list';
  return { ...target, ...selectors, verb, name: selectedName(selectors.fieldSelector ?? []) };
}

type Selectors = Pick<ResourceTarget, 'fieldSelector' | 'labelSelector'>;

function readSelectors(values: URLSearchParams): Selectors {
  const fieldSelector = readable(values.get('fieldSelector'), parseFieldSelector);
  const labelSelector = readable(values.get('labelSelector'), parseLabelSelector);
  return {
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

/** What is malformed says nothing here; the verb refuses it, after authorization. */
function readable<Selector extends readonly unknown[]>(
  text: string | null,
  parse: (text: string) => Selector,
): Selector | undefined {
  if (text === null || text === '') return undefined;
  try {
    const selector = parse(text);
    return selector.length === 0 ? undefined : selector;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function selectedName(selector: FieldSelector): string {
  const found = selector.find(({ field, isEqual }) => field === 'metadata.name' && isEqual);
  return found === undefined || checkPathSegment(found.value) !== undefined ? '' : found.value;
}

function nonResource(request: {
  readonly method: string;
  readonly path: string;
}): NonResourceTarget {
  return { isResource: false, verb: request.method.toLowerCase(), path: decode(request.path) };
}

/** One slash at either end means nothing, as in `/api/v1/pods/`. */
function splitPath(path: string): string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  return path.slice(1, end).split('/');
}

/** As sent, with its leading slash: a proxied server must see the caller's own encoding. */
function restAfter(
  path: string,
  { segments, keepsSlash }: { readonly segments: number; readonly keepsSlash: boolean },
): string {
  let at = 0;
  for (let count = 0; count < segments; count += 1) {
    at = path.indexOf('/', at + 1);
    if (at === -1) return '';
  }
  const rest = path.slice(at);
  return rest === '/' && !keepsSlash ? '' : rest;
}

function decodeSegment(encoded: string): string {
  return encoded.includes('%') ? decode(encoded) : encoded;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw badRequest(`invalid URL escape in ${JSON.stringify(encoded)}`);
  }
}

function checkSegment(what: string, text: string): string {
  const problem = checkPathSegment(text);
  if (problem === undefined) return text;
  throw badRequest(`${what} parameter invalid: ${JSON.stringify(text)}: ${problem}`);
}
