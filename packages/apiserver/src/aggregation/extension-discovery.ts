import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { type GroupVersion, groupVersionPath, saidObject, saidObjects } from '@fairway/protocol';
import { openApiPath } from '../openapi/open-api-path.ts';
import type { ToldOpenApi } from '../registry/aggregated-api.ts';
import { groupVersionOf } from '../registry/api-services.ts';
import { type ToldDocument, askForDocument, jsonOfDocument } from './ask-for-document.ts';
import type { ExtensionParts } from './extension-ways.ts';
import { asAggregated, nameOf, readResource } from './told-resources.ts';

/** Servers compare it as text. */
const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

/** What a server has said of one version, and by which documents. */
export interface ToldResources {
  readonly resources: readonly object[];
  readonly groups: ToldDocument<readonly object[]>;
  readonly list?: ToldDocument<readonly object[]>;
}

/** What was known before, and how long it may take. */
interface Asking<Known> {
  readonly known: Known | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks a server behind a service what it has of the version that it is there for: by aggregated discovery
 * where it knows that, else by the list of the version.
 *
 * Errors: an `Error` that says why nothing is known. Source: kube-aggregator, discovery manager.
 */
export async function askForResources(
  parts: ExtensionParts,
  apiService: APIService,
  { known, signal }: Asking<ToldResources>,
): Promise<ToldResources> {
  const groupVersion = groupVersionOf(apiService);
  const groups = await askForDocument(parts, apiService, {
    path: '/apis',
    accept: `${aggregated},application/json`,
    read: (bytes) => aggregatedResources(bytes, groupVersion),
    known: known?.groups,
    signal,
  });
  if (groups.content !== undefined) return { resources: groups.content, groups };
  const path = groupVersionPath(groupVersion);
  const list = await askForDocument(parts, apiService, {
    path,
    accept: 'application/json',
    read: (bytes) => asAggregated(saidObjects(saidObject(jsonOfDocument(bytes))['resources'])),
    known: known?.list,
    signal,
  });
  if (list.content === undefined) throw new Error(`${path} is not there`);
  return { resources: list.content, groups, list };
}

/** Undefined for a list of groups without their resources. */
function aggregatedResources(
  bytes: Uint8Array,
  { group, version }: GroupVersion,
): readonly object[] | undefined {
  const document = saidObject(jsonOfDocument(bytes));
  if (document['kind'] !== 'APIGroupDiscoveryList') return undefined;
  const found = saidObjects(document['items']).find((each) => nameOf(each) === group);
  const told = saidObjects(found?.['versions']).find((each) => each['version'] === version);
  return saidObjects(told?.['resources']).flatMap(readResource);
}

/** What a server has said in OpenAPI, and by which documents. */
export interface AskedOpenApi {
  readonly told: ToldOpenApi | undefined;
  readonly index: ToldDocument<IndexedDocument>;
  readonly document?: ToldDocument<Uint8Array>;
}

interface IndexedDocument {
  /** Empty when the index has none, undefined when there is no document. */
  readonly hash: string | undefined;
}

/**
 * Asks a server behind a service for the OpenAPI document of the version: v3, or v2 where it knows no other.
 *
 * Errors: an `Error` that says why nothing is known. Source: kube-aggregator, openapiv3 aggregator.
 */
export async function askForOpenApi(
  parts: ExtensionParts,
  apiService: APIService,
  { known, signal }: Asking<AskedOpenApi>,
): Promise<AskedOpenApi> {
  const place = openApiPath(groupVersionOf(apiService));
  const accept = 'application/json';
  const index = await askForDocument(parts, apiService, {
    path: '/openapi/v3',
    accept,
    read: (bytes) => ({ hash: indexedHash(bytes, place) }),
    known: known?.index,
    signal,
  });
  const version = index.content === undefined ? 'v2' : 'v3';
  const hash = index.content === undefined ? '' : index.content.hash;
  if (hash === undefined) return { told: undefined, index };
  const before = known?.told?.version === version ? known : undefined;
  // Without a hash nobody tells when it changes.
  if (hash !== '' && before?.told?.hash === hash) return { ...before, index };
  const document = await askForDocument(parts, apiService, {
    path: version === 'v2' ? '/openapi/v2' : `/openapi/v3/${place}`,
    accept,
    read: (bytes) => (jsonOfDocument(bytes), bytes),
    known: before?.document,
    signal,
  });
  if (document === before?.document) return { ...before, index };
  const { content } = document;
  return { told: content && { version, hash, document: content }, index, document };
}

function indexedHash(bytes: Uint8Array, place: string): string | undefined {
  const paths = saidObject(saidObject(jsonOfDocument(bytes))['paths']);
  const told = saidObject(paths[place])['serverRelativeURL'];
  if (typeof told !== 'string') return undefined;
  return /[?&]hash=([\w-]{1,200})(&|$)/.exec(told)?.[1] ?? '';
}
