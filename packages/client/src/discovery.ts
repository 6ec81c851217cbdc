import { ApiError, type KubernetesObject, type ResourceDescriptor } from '@fairway/protocol';
import { isNotFound } from './api-error-guards.ts';
import type { Client } from './client.ts';
import { decodeResponse } from './resource/decode-response.ts';
import { buildRequest } from './resource/build-request.ts';

/** A resource that a server says it has. */
export interface DiscoveredResource extends ResourceDescriptor<DynamicObject> {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** `status`, `scale`, … */
  readonly subresources: readonly string[];
}

/** An object of a kind that is known at run time only. */
export interface DynamicObject extends KubernetesObject {
  readonly [field: string]: unknown;
}

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

/** Makes a discovery over a client. Asks when somebody wants to know. */
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
    if (document?.kind === 'APIGroupDiscoveryList') found.push(...readAggregated(document));
    else if (document !== undefined) found.push(...(await readEach(client, document, signal)));
  }
  return found;
}

async function fetchDocument(
  client: Client,
  path: string,
  signal: AbortSignal | undefined,
): Promise<DiscoveryDocument | undefined> {
  const request = buildRequest({
    method: 'GET',
    path,
    headers: { accept: aggregated },
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    return (await decodeResponse(request, await client.transport(request))) as DiscoveryDocument;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** What `/api`, `/apis` and `/apis/GROUP/VERSION` answer, as far as it is read here. */
interface DiscoveryDocument {
  readonly kind?: string;
  /** Aggregated. */
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly AggregatedVersion[];
  }[];
  /** Of `/api`. */
  readonly versions?: readonly string[];
  /** Of `/apis`. */
  readonly groups?: readonly {
    readonly name: string;
    readonly versions: readonly { readonly version: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
  /** Of one version of a group. */
  readonly resources?: readonly {
    readonly name: string;
    readonly singularName?: string;
    readonly namespaced: boolean;
    readonly kind: string;
    readonly verbs: readonly string[];
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  }[];
}

interface AggregatedVersion {
  readonly version: string;
  readonly resources?: readonly {
    readonly resource: string;
    readonly responseKind?: { readonly kind: string };
    readonly scope: string;
    readonly singularResource?: string;
    readonly verbs?: readonly string[];
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
    readonly subresources?: readonly { readonly subresource: string }[];
  }[];
}

function* readAggregated(document: DiscoveryDocument): Generator<DiscoveredResource> {
  for (const { metadata, versions = [] } of document.items ?? []) {
    for (const { version, resources = [] } of versions) {
      for (const each of resources) {
        yield {
          group: metadata?.name ?? '',
          version,
          kind: each.responseKind?.kind ?? '',
          plural: each.resource,
          isNamespaced: each.scope === 'Namespaced',
          singular: each.singularResource ?? '',
          shortNames: each.shortNames ?? [],
          categories: each.categories ?? [],
          verbs: each.verbs ?? [],
          subresources: (each.subresources ?? []).map(({ subresource }) => subresource),
        };
      }
    }
  }
}

async function readEach(
  client: Client,
  document: DiscoveryDocument,
  signal: AbortSignal | undefined,
): Promise<readonly DiscoveredResource[]> {
  const versions = versionsOf(document);
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
): Promise<DiscoveryDocument | undefined> {
  try {
    return await fetchDocument(client, path, signal);
  } catch (error) {
    if (error instanceof ApiError && error.code >= 500) return undefined;
    throw error;
  }
}

function versionsOf(document: DiscoveryDocument): readonly { group: string; version: string }[] {
  const core = (document.versions ?? []).map((version) => ({ group: '', version }));
  const named = (document.groups ?? []).flatMap(({ name, versions, preferredVersion }) => {
    const others = versions.map(({ version }) => version);
    const ordered = new Set([...(preferredVersion ? [preferredVersion.version] : []), ...others]);
    return [...ordered].map((version) => ({ group: name, version }));
  });
  return [...core, ...named];
}

function readVersion(
  document: DiscoveryDocument | undefined,
  { group, version }: { readonly group: string; readonly version: string },
): readonly DiscoveredResource[] {
  const all = document?.resources ?? [];
  return all
    .filter(({ name }) => !name.includes('/'))
    .map((each) => ({
      group,
      version,
      kind: each.kind,
      plural: each.name,
      isNamespaced: each.namespaced,
      singular: each.singularName ?? '',
      shortNames: each.shortNames ?? [],
      categories: each.categories ?? [],
      verbs: each.verbs,
      subresources: all
        .filter(({ name }) => name.startsWith(`${each.name}/`))
        .map(({ name }) => name.slice(each.name.length + 1)),
    }));
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
