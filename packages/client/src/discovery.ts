import { ApiError, type GroupVersion, apiVersionOf, groupVersionPath } from '@fairway/protocol';
import { isNotFound } from './api-error-guards.ts';
import type { Client } from './client.ts';
import {
  type DiscoveredResource,
  isAggregated,
  readAggregated,
  readVersion,
  staleVersions,
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
  /**
   * The same, with the versions of which nobody says what they have: another API server is away, say. What
   * has to be complete is not, then.
   */
  survey(options?: { readonly signal?: AbortSignal }): Promise<DiscoverySurvey>;
  /** Forgets what was answered. */
  invalidate(): void;
}

/** What a server has, as far as that is known. */
export interface DiscoverySurvey {
  readonly resources: readonly DiscoveredResource[];
  readonly unknown: readonly UnknownVersion[];
}

/** A version of a group of which is not known what it has, and why. */
export interface UnknownVersion extends GroupVersion {
  readonly why: string;
}

/** Makes a discovery over a client. Documents are requested at first use. */
export function createDiscovery(client: Client): Discovery {
  let known: Promise<DiscoverySurvey> | undefined;
  const survey: Discovery['survey'] = ({ signal } = {}) => {
    known ??= discover(client, signal).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    survey,
    resources: async (options) => (await survey(options)).resources,
    async find(name) {
      const isFresh = known === undefined;
      const asked = survey();
      const found = match((await asked).resources, name);
      if (found !== undefined || isFresh) return found;
      // Somebody else may have asked anew meanwhile.
      if (known === asked) known = undefined;
      return match((await survey()).resources, name);
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

async function discover(client: Client, signal: AbortSignal | undefined): Promise<DiscoverySurvey> {
  const [core, groups] = await Promise.all([
    fetchDocument(client, '/api', signal),
    fetchDocument(client, '/apis', signal),
  ]);
  const resources: DiscoveredResource[] = [];
  const unknown: UnknownVersion[] = [];
  for (const document of [core, groups]) {
    if (isAggregated(document)) {
      resources.push(...readAggregated(document));
      for (const stale of staleVersions(document)) {
        const why = `stale GroupVersion discovery: ${apiVersionOf(stale)}`;
        unknown.push({ ...stale, why });
      }
    } else {
      const read = await readEach(client, document, signal);
      resources.push(...read.resources);
      unknown.push(...read.unknown);
    }
  }
  return { resources, unknown };
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
): Promise<DiscoverySurvey> {
  const versions = versionsOf(document);
  if (versions.length > groupVersionsMax) {
    throw new ConnectionError({
      problem: 'malformed-answer',
      message: `the server says that it has ${versions.length} versions of groups; ${groupVersionsMax} are looked at`,
    });
  }
  const found: DiscoveredResource[] = [];
  const unknown: UnknownVersion[] = [];
  for (let at = 0; at < versions.length; at += parallelMax) {
    const some = versions.slice(at, at + parallelMax).map(async (each) => {
      const document = await fetchVersion(client, groupVersionPath(each), signal);
      if (document instanceof ApiError) unknown.push({ ...each, why: document.message });
      return readVersion(document, each);
    });
    found.push(...(await Promise.all(some)).flat());
  }
  return { resources: found, unknown };
}

/** One server behind the API that is down must not hide all that the others have: its refusal is the answer. */
async function fetchVersion(
  client: Client,
  path: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    return await fetchDocument(client, path, signal);
  } catch (error) {
    if (error instanceof ApiError && error.code >= 500) return error;
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
