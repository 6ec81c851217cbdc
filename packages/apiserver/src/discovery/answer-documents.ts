import {
  type HttpRequest,
  type HttpResponse,
  apiError,
  headerOf,
  parseAccept,
} from '@fairway/protocol';
import { isUnchanged } from '../content/is-unchanged.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { encodeValue, respond } from '../content/encode-value.ts';
import type { DiscoveryDocuments, TaggedDocument } from './discovery-documents.ts';

/** What `/api` and the OpenID documents tell of this server. */
export interface DocumentOptions {
  readonly discovery: DiscoveryDocuments;
  /** `10.1.2.3:6443`: where this server is to be reached. */
  readonly advertised: string;
}

/**
 * Answers `/api`, `/apis` and what lies directly below, in the form that the caller accepts;
 * undefined for any other path.
 */
export function answerDiscovery(
  { discovery, advertised }: DocumentOptions,
  request: HttpRequest,
): HttpResponse | undefined {
  const steps = request.path.split('/').filter((step) => step !== '');
  const [root, group = '', version = ''] = steps;
  if (root !== 'api' && root !== 'apis') return undefined;
  if (steps.length === 1) {
    if (wantsAggregated(request)) return answerAggregated(request, discovery.aggregated(root));
    return answer(request, root === 'api' ? apiVersions(advertised) : discovery.groupList());
  }
  if (steps.length > (root === 'api' ? 2 : 3)) return undefined;
  const document =
    root === 'api'
      ? discovery.resourceList('', group)
      : steps.length === 2
        ? discovery.group(group)
        : discovery.resourceList(group, version);
  if (document === undefined) return undefined;
  return answer(request, document);
}

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** True when the caller prefers the aggregated form to the plain one. */
function wantsAggregated(request: HttpRequest): boolean {
  const accept = headerOf(request.headers, 'accept') ?? '';
  for (const { type, parameters } of accept === '' ? [] : parseAccept(accept)) {
    const isJson = type === 'application/json' || type === '*/*';
    if (isJson && parameters.get('as') === undefined) return false;
    const isOurs = parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('v') === 'v2';
    if (isJson && isOurs && parameters.get('as') === 'APIGroupDiscoveryList') return true;
  }
  if (!accept.includes('APIGroupDiscoveryList')) return false;
  throw apiError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

function answerAggregated(request: HttpRequest, { bytes, etag }: TaggedDocument): HttpResponse {
  const headers = { 'cache-control': 'public', etag, vary: 'Accept' };
  if (isUnchanged(request, etag)) {
    return { status: 304, headers, body: undefined };
  }
  return {
    status: 200,
    headers: { ...headers, 'content-type': aggregatedType },
    body: bytes,
  };
}

function apiVersions(advertised: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: advertised }],
  };
}

function answer(request: HttpRequest, document: object): HttpResponse {
  const representation = chooseRepresentation(request, { isBuiltIn: true });
  return respond(200, encodeValue(document, representation), representation);
}
