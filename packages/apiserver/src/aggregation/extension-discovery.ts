import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { groupVersionPath, saidObject, saidObjects } from '@fairway/protocol';
import type { ExtensionParts } from './extension-ways.ts';
import { type ToldDocument, askForDocument } from './ask-for-document.ts';
import { openApiPath } from '../openapi/open-api-path.ts';
import { groupVersionOf } from '../registry/api-services.ts';
import { asAggregated, nameOf, readResource } from './told-resources.ts';

/** Servers compare it as text. */
const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

/** What a server has said of one version, and by which documents. */
export interface ToldResources {
  readonly resources: readonly object[];
  readonly groups?: ToldDocument;
  readonly list?: ToldDocument;
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
  { known, signal }: { readonly known: ToldResources | undefined; readonly signal: AbortSignal },
): Promise<ToldResources> {
  const { group, version } = groupVersionOf(apiService);
  const ask = (path: string, accept: string, before: ToldDocument | undefined) =>
    askForDocument(parts, apiService, { path, accept, known: before, signal });
  const groups = await ask('/apis', `${aggregated},application/json`, known?.groups);
  const document = saidObject(groups.document);
  if (document['kind'] === 'APIGroupDiscoveryList') {
    const found = saidObjects(document['items']).find((each) => nameOf(each) === group);
    const told = saidObjects(found?.['versions']).find((each) => each['version'] === version);
    return { resources: saidObjects(told?.['resources']).flatMap(readResource), groups };
  }
  const path = groupVersionPath({ group, version });
  const list = await ask(path, 'application/json', known?.list);
  if (list.document === undefined) throw new Error(`${path} is not there`);
  return { resources: asAggregated(saidObjects(saidObject(list.document)['resources'])), list };
}

/**
 * The hash of the OpenAPI v3 document of the version, as the index of the server has it: empty when it has none,
 * undefined when there is no document.
 *
 * Errors: an `Error` that says why nothing is known.
 */
export async function askForOpenApi(
  parts: ExtensionParts,
  apiService: APIService,
  { known, signal }: { readonly known: ToldDocument | undefined; readonly signal: AbortSignal },
): Promise<{ readonly index: ToldDocument; readonly hash: string | undefined }> {
  const asked = { path: '/openapi/v3', accept: 'application/json', known, signal };
  const index = await askForDocument(parts, apiService, asked);
  const paths = saidObject(saidObject(index.document)['paths']);
  const told = saidObject(paths[openApiPath(groupVersionOf(apiService))])['serverRelativeURL'];
  if (typeof told !== 'string') return { index, hash: undefined };
  const hash = /[?&]hash=([\w-]{1,200})(&|$)/.exec(told)?.[1] ?? '';
  return { index, hash };
}
