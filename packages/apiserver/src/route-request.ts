import type { AuthorizedRequest } from '@fairway/access';
import {
  type Handler,
  type HttpResponse,
  type ResourceTarget,
  type UpgradeHandler,
  apiError,
  notFound,
  parseListOptions,
} from '@fairway/protocol';
import type { AggregatedApis } from './registry/aggregated-api.ts';
import type { ResourceRegistry } from './registry/resource-registry.ts';
import type { ServedResource } from './registry/served-resource.ts';
import { bindPod, createBinding } from './subresources/binding.ts';
import { evictPod } from './subresources/eviction.ts';
import { getScale, patchScale, updateScale } from './subresources/scale.ts';
import type { Call, Verb } from './calls/call.ts';
import {
  type ComponentParts,
  getComponentStatus,
  isComponentStatus,
  listComponentStatuses,
} from './verbs/component-statuses.ts';
import { createObject } from './verbs/create.ts';
import { deleteCollection } from './verbs/delete-collection.ts';
import { deleteOne } from './verbs/delete.ts';
import { getObject } from './verbs/get.ts';
import { listObjects } from './verbs/list.ts';
import { patchObject } from './verbs/patch.ts';
import { type Reviewers, createReview, isReview } from './verbs/review.ts';
import { updateObject } from './verbs/update.ts';
import { type WatchParts, watchObjects } from './verbs/watch.ts';
import { connectStream, isConnect, refusePlainConnect } from './connections/connect.ts';
import { getPodLog } from './connections/pod-log.ts';
import { isProxied, proxyRequest, proxyStream } from './proxying/proxy-request.ts';
import type { ProxyParts } from './proxying/proxy-parts.ts';
import { refusalWithWarnings, withWarnings } from './calls/with-warnings.ts';
import type { WriteParts } from './objects/write-parts.ts';

/** What one API server is made of, each part made once at its start. */
export interface ServerParts extends ComponentParts, WatchParts, WriteParts, ProxyParts {}

export interface RouteOptions {
  readonly registry: ResourceRegistry;
  readonly aggregatedApis: AggregatedApis;
  readonly parts: ServerParts;
  readonly reviewers: Reviewers;
  readonly createToken: ServerVerb;
  /** Answers what is not about a resource: documents, health. */
  readonly otherPaths: Handler<AuthorizedRequest>;
}

type ServerCall = Call<ServerParts>;
type ServerVerb = Verb<ServerParts>;

/** Brings a request to the function that answers its verb. */
export function routeRequest(options: RouteOptions): Handler<AuthorizedRequest> {
  return async (request) => {
    const { target } = request;
    const { registry, parts } = options;
    const aggregated = options.aggregatedApis.answering(target);
    if (aggregated !== undefined) return aggregated.handler(request);
    if (!target.isResource) return readOther(options, request);
    const resource = registry.find(target.group, target.version, target.plural);
    if (resource === undefined) {
      // What a group of Kubernetes does not have gets a Status, an unknown path a page, whatever the method.
      if (!registry.isCustomGroup(target.group)) throw unknownResource();
      return options.otherPaths(request);
    }
    if (!resource.isBuiltIn && !isInScope(resource, target)) return options.otherPaths(request);
    const call = callOf(request, { target, resource, parts });
    const verb = chooseVerb(options, call);
    try {
      return withWarnings(call, await verb(call));
    } catch (error) {
      throw refusalWithWarnings(call, error);
    } finally {
      for (const end of call.endings) end();
    }
  };
}

/** Brings an upgrade to what it leads to: a stream of a pod, a watch, or another server. Every other request is refused as unknown. */
export function routeUpgrade(options: RouteOptions): UpgradeHandler<AuthorizedRequest> {
  return async (request) => {
    const { target } = request;
    const { registry, parts } = options;
    if (!target.isResource) throw unknownResource();
    const aggregated = options.aggregatedApis.find(target);
    if (aggregated?.upgrade !== undefined) return aggregated.upgrade(request);
    if (!isConnect(target) && !isProxied(target) && target.verb !== 'watch') {
      throw unknownResource();
    }
    const resource = registry.find(target.group, target.version, target.plural);
    if (resource === undefined) throw unknownResource();
    const call = callOf(request, { target, resource, parts });
    if (target.verb === 'watch') {
      const response = withWarnings(call, await chooseVerb(options, call)(call));
      const { acceptWatch } = await import('./connections/watch-web-socket.ts');
      return acceptWatch(request, response, parts.clock);
    }
    chooseSubresource(options, call);
    const answer = await (isProxied(target) ? proxyStream(call) : connectStream(call));
    if (answer.kind === 'accepted') return answer;
    return { ...answer, response: withWarnings(call, answer.response) };
  };
}

function callOf(
  request: AuthorizedRequest,
  about: Pick<ServerCall, 'target' | 'resource' | 'parts'>,
): ServerCall {
  const auditAnnotations = request.audit?.annotations ?? new Map<string, string>();
  return { request, ...about, warnings: [], auditAnnotations, endings: [] };
}

function readOther(
  { otherPaths }: RouteOptions,
  request: AuthorizedRequest,
): Promise<HttpResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  return otherPaths(request);
}

const verbs: Readonly<Record<string, ServerVerb>> = {
  get: getObject,
  list: (call) => listObjects(call, parseListOptions(call.request.query)),
  // Below the old `/watch/` the query may leave it out.
  watch: (call) => watchObjects(call, parseListOptions(`watch=true&${call.request.query}`)),
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteOne,
  deletecollection: deleteCollection,
};

const scaleVerbs: Readonly<Record<string, ServerVerb>> = {
  get: getScale,
  update: updateScale,
  patch: patchScale,
};

const connectVerbs: Readonly<Record<string, ServerVerb>> = {
  get: refusePlainConnect,
  create: refusePlainConnect,
};

const proxyVerbs: Readonly<Record<string, ServerVerb>> = {
  get: proxyRequest,
  create: proxyRequest,
  update: proxyRequest,
  patch: proxyRequest,
  delete: proxyRequest,
};

const componentVerbs: Readonly<Record<string, ServerVerb>> = {
  get: getComponentStatus,
  list: (call) => listComponentStatuses(call, parseListOptions(call.request.query)),
};

type Verbs = Readonly<Record<string, ServerVerb>>;

/** What is built of the subresources; the first five are views of the object, written like it. */
function subresourceVerbs({ createToken }: RouteOptions): ReadonlyMap<string, Verbs> {
  return new Map<string, Verbs>([
    ['status', verbs],
    ['finalize', verbs],
    ['approval', verbs],
    ['ephemeralcontainers', verbs],
    ['resize', verbs],
    ['scale', scaleVerbs],
    ['binding', { create: bindPod }],
    ['eviction', { create: evictPod }],
    ['token', { create: createToken }],
    ['exec', connectVerbs],
    ['attach', connectVerbs],
    ['portforward', connectVerbs],
    ['log', { get: getPodLog }],
    ['proxy', proxyVerbs],
  ]);
}

function chooseVerb(options: RouteOptions, call: ServerCall): ServerVerb {
  const { target, resource } = call;
  if (target.subresource !== '') return chooseSubresource(options, call);
  const verb = verbs[target.verb];
  if (!isInScope(resource, target)) throw unknownResource();
  const isOnCollection = target.name === '';
  const isPlaced = isOnCollection === onCollection.has(target.verb) || mayBeNamedBySelector(target);
  if (verb === undefined || !isPlaced || !resource.verbs.includes(target.verb)) {
    throw methodNotAllowed(resource, target);
  }
  const isAcrossNamespaces = resource.isNamespaced && target.namespace === '';
  if (isAcrossNamespaces && !readsCollection.has(target.verb)) {
    throw methodNotAllowed(resource, target);
  }
  if (isComponentStatus(resource)) return componentVerbs[target.verb] ?? verb;
  if (isBinding(resource)) return createBinding;
  if (isReview(resource)) return (each) => createReview(each, options.reviewers);
  return verb;
}

function isBinding({ group, plural, isBuiltIn }: ServedResource): boolean {
  return isBuiltIn && group === '' && plural === 'bindings';
}

/** All that works across all namespaces. */
const readsCollection: ReadonlySet<string> = new Set(['list', 'watch']);

const onCollection: ReadonlySet<string> = new Set(['list', 'watch', 'create', 'deletecollection']);

/**
 * The path of a namespaced object names its namespace; the path of any other names none (a
 * namespace counts as in itself). A second path to an object would be authorized by other roles.
 */
function isInScope(resource: ServedResource, target: ResourceTarget): boolean {
  const { namespace, name, plural, rest, subresource } = target;
  if (rest !== '' && subresource !== 'proxy') return false;
  if (resource.isNamespaced) return namespace !== '' || name === '' || mayBeNamedBySelector(target);
  return namespace === '' || (plural === 'namespaces' && namespace === name);
}

/** Whether the name in the target may come from `fieldSelector=metadata.name=…` instead of the path. */
function mayBeNamedBySelector({ verb }: ResourceTarget): boolean {
  return verb === 'list' || verb === 'watch' || verb === 'deletecollection';
}

function chooseSubresource(
  options: RouteOptions,
  { request, target, resource }: ServerCall,
): ServerVerb {
  const { subresource, verb } = target;
  const served = resource.subresources.get(subresource);
  if (!isInScope(resource, target)) throw unknownResource();
  if (served === undefined) {
    throw resource.isBuiltIn ? unknownResource() : notFound({ ...resource, name: target.name });
  }
  // It has no verb, so that it needs a right to every one.
  if (isProxied(target) && request.method === 'OPTIONS') return proxyRequest;
  const chosen = subresourceVerbs(options).get(subresource)?.[verb];
  if (chosen === undefined || !served.verbs.includes(verb)) {
    throw methodNotAllowed(resource, target);
  }
  return chosen;
}

function unknownResource(): Error {
  return apiError('NotFound', 'the server could not find the requested resource', {});
}

/** Of custom resources the answer says which, as they are served apart on a kube-apiserver. */
function methodNotAllowed(resource?: ServedResource, target?: ResourceTarget): Error {
  if (resource?.isBuiltIn === false) {
    const { group, plural } = resource;
    const message = `${target?.verb} is not supported on resources of kind "${plural}.${group}"`;
    return apiError('MethodNotAllowed', message, { group, kind: plural });
  }
  return apiError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}
