import { ApiError } from '@fairway/protocol';
import { isNotFound } from './api-error-guards.ts';
import type { Client } from './client.ts';
import {
  type DiscoveredResource,
  isAggregated,
  readAggregated,
  readVersion,
  versionsOf,
} from './discovery-documents.ts';
import { decodeResponse } from './resource/decode-response.ts';
import { buildRequest } from './resource/build-request.ts';
import { ConnectionError } from './transport/connection-error.ts';

/** What a server has, asked once and remembered. */
export interface Discovery {
  /**
   * Finds a resource as people name it: `pods`, `po`, `Pod`, `deployments.apps`,
   * `Certificate.cert-manager.io`, `deployments.v1.apps`.
   *
   * A name that is not known makes it ask the server once more; then the answer is undefined.
   */
  find(name: string): Promise<DiscoveredResource | undefined>;
  /** Everything that the server has, preferred versions first. */
  resources(options?: { readonly signal?: AbortSignal }): Promise<readonly DiscoveredResource[]>;
  /** Forgets what was answered. */
  invalidate(): void;
}

/** Makes a discovery over a client. Documents are requested at first use. */
export function createDiscovery(client: Client): Discovery {
  let known: Promise<readonly DiscoveredResource[]> | undefined;
  const resources: Discovery['resources'] = ({ signal } = {}) => {
    known ??= discover(client, signal).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    resources,
    async find(name) {
      const isFresh = known === undefined;
      const asked = resources();
      const found = match(await asked, name);
      if (found !== undefined || isFresh) return found;
      // Somebody else may have asked anew meanwhile.
      if (known === asked) known = undefined;
      return match(await resources(), name);
    },
    invalidate() {
      known = undefined;
    },
  };
}

// The order of the parameters is fixed: servers compare it as text.
const aggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** Groups that are asked for at a time when a server knows no aggregated discovery. */
const parallelMax = 8;

/** Each costs a request; a large cluster has some hundred. */
const groupVersionsMax = 2_000;

async function discover(
  client: Client,
  signal: AbortSignal | undefined,
): Promise<readonly DiscoveredResource[]> {
  const [core, groups] = await Promise.all([
    fetchDocument(client, '/api', signal),
    fetchDocument(client, '/apis', signal),
  ]);
  const found: DiscoveredResource[] = [];
  for (const document of [core, groups]) {
    if (isAggregated(document)) found.push(...readAggregated(document));
    else found.push(...(await readEach(client, document, signal)));
  }
  return found;
}

async function fetchDocument(
  client: Client,
  path: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const request = buildRequest({
    method: 'GET',
    path,
    headers: { accept: aggregated },
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    return await decodeResponse(request, await client.transport(request));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function readEach(
  client: Client,
  document: unknown,
  signal: AbortSignal | undefined,
): Promise<readonly DiscoveredResource[]> {
  const versions = versionsOf(document);
  if (versions.length > groupVersionsMax) {
    throw new ConnectionError({
      problem: 'malformed-answer',
      message: `the server says that it has ${versions.length} versions of groups; ${groupVersionsMax} are looked at`,
    });
  }
  const found: DiscoveredResource[] = [];
  for (let at = 0; at < versions.length; at += parallelMax) {
    const some = versions.slice(at, at + parallelMax).map(async ({ group, version }) => {
      const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      return readVersion(await fetchVersion(client, path, signal), { group, version });
    });
    found.push(...(await Promise.all(some)).flat());
  }
  return found;
}

/** One server behind the API that is down must not hide all that the others have. */
async function fetchVersion(
  client: Client,
  path: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    return await fetchDocument(client, path, signal);
  } catch (error) {
    if (error instanceof ApiError && error.code >= 500) return undefined;
    throw error;
  }
}

function match(
  resources: readonly DiscoveredResource[],
  asked: string,
): DiscoveredResource | undefined {
  const [word = '', ...rest] = asked.split('.');
  const name = word.toLowerCase();
  const suffix = rest.join('.');
  if (name === '') return undefined;
  const here = resources.filter((resource) => isIn(resource, suffix));
  // No short name of one resource hides the name of another.
  return (
    here.find(({ plural }) => plural === name) ??
    here.find(({ singular, kind }) => singular === name || kind.toLowerCase() === name) ??
    here.find(({ shortNames }) => shortNames.includes(name))
  );
}

function isIn({ group, version }: DiscoveredResource, suffix: string): boolean {
  return (
    suffix === '' || suffix === group || suffix === version || suffix === `${version}.${group}`
  );
}
