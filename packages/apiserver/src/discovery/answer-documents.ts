import { protobufTable } from '@fairway/kinds/protobuf';
import {
  type HttpRequest,
  type HttpResponse,
  apiError,
  encodeKubernetesProtobuf,
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
    const format = aggregatedFormat(request);
    if (format !== undefined) return answerAggregated(request, format, discovery.aggregated(root));
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

type AggregatedFormat = 'json' | 'protobuf';

const aggregatedTypes: Readonly<Record<AggregatedFormat, string>> = {
  json: 'application/json',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

/** In which form the caller prefers the aggregated document to the plain one, if at all. */
function aggregatedFormat(request: HttpRequest): AggregatedFormat | undefined {
  const accept = headerOf(request.headers, 'accept') ?? '';
  for (const { type, parameters } of accept === '' ? [] : parseAccept(accept)) {
    const format = formatOf(type);
    if (format === undefined) continue;
    const as = parameters.get('as');
    if (as === undefined) return undefined;
    const isOurs = parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('v') === 'v2';
    if (isOurs && as === 'APIGroupDiscoveryList') return format;
  }
  if (!accept.includes('APIGroupDiscoveryList')) return undefined;
  throw apiError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

function formatOf(type: string): AggregatedFormat | undefined {
  if (type === aggregatedTypes.protobuf) return 'protobuf';
  return type === aggregatedTypes.json || type === '*/*' ? 'json' : undefined;
}

function answerAggregated(
  request: HttpRequest,
  format: AggregatedFormat,
  { bytes, etag }: TaggedDocument,
): HttpResponse {
  const headers = { 'cache-control': 'public', etag, vary: 'Accept' };
  if (isUnchanged(request, etag)) {
    return { status: 304, headers, body: undefined };
  }
  const contentType = `${aggregatedTypes[format]};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`;
  return {
    status: 200,
    headers: { ...headers, 'content-type': contentType },
    body: format === 'json' ? bytes : asProtobuf(JSON.parse(bytes.toString()) as object),
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
  const representation = chooseRepresentation(request, { isBuiltIn: true, forms: ['object'] });
  const body =
    representation.format === 'protobuf'
      ? asProtobuf(document)
      : encodeValue(document, representation);
  return respond(200, body, representation);
}

/** Documents of the core group tell no version in JSON; a message of protobuf is found by one. */
function asProtobuf(document: object): Uint8Array {
  return encodeKubernetesProtobuf({ apiVersion: 'v1', ...document }, protobufTable());
}
