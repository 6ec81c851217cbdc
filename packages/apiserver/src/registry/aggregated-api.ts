import type { AuthorizedRequest } from '@fairway/access';
import {
  type GroupVersion,
  type Handler,
  type RequestTarget,
  type UpgradeHandler,
  equalsJson,
} from '@fairway/protocol';

/**
 * A version of a group that somebody else than this server's own registry answers, behind the authentication
 * and authorization of this server and in its discovery: a component of its process, or a server behind a
 * service. Source: Kubernetes, API aggregation layer.
 */
export interface AggregatedApi {
  readonly group: string;
  readonly version: string;
  /** What it has; absent: it answers for itself what lies at `/apis/GROUP/VERSION` too. */
  readonly resources?: readonly AggregatedResource[];
  /** Gets the requests that are allowed. Throws `ApiError`. */
  readonly handler: Handler<AuthorizedRequest>;
  /** Absent: nothing of it becomes a stream. */
  readonly upgrade?: UpgradeHandler<AuthorizedRequest>;
}

export interface AggregatedResource {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
}

/** What a server behind a service has said that it has. */
export interface ToldVersion {
  /** As in aggregated discovery, version v2. */
  readonly resources: readonly object[];
  /** Stale: it does not say so any more, or never has. */
  readonly freshness: 'Current' | 'Stale';
  /** Absent: it has no documents. The same value for as long as they are the same. */
  readonly openApi?: ToldOpenApi;
}

/** What a server behind a service has in OpenAPI, of which nothing is known. */
export interface ToldOpenApi {
  /** v2: it has nothing else, so this server makes v3 of it and answers for that. */
  readonly version: 'v2' | 'v3';
  /** By which the server tells whether its v3 has changed; empty when it does not. */
  readonly hash: string;
  /** JSON, with bounds to its size and depth. */
  readonly document: Uint8Array;
}

const untold: ToldVersion = { resources: [], freshness: 'Stale' };

/** Who answers which version of a group in place of this server. A server behind a service goes before a component. */
export class AggregatedApis {
  readonly #components: ReadonlyMap<string, AggregatedApi>;
  readonly #extensions = new Map<string, AggregatedApi>();
  readonly #told = new Map<string, ToldVersion>();
  #version = 1;

  constructor(components: readonly AggregatedApi[] = []) {
    this.#components = new Map(components.map((each) => [keyOf(each), each]));
  }

  /** Grows whenever something else is answered, or told of what there is. */
  get version(): number {
    return this.#version;
  }

  /** What components of this process answer, whether a server behind a service stands in for it or not. */
  get components(): readonly AggregatedApi[] {
    return [...this.#components.values()];
  }

  get all(): readonly AggregatedApi[] {
    return [...new Map([...this.#components, ...this.#extensions]).values()];
  }

  find(groupVersion: GroupVersion): AggregatedApi | undefined {
    const key = keyOf(groupVersion);
    return this.#extensions.get(key) ?? this.#components.get(key);
  }

  /** Who answers a request that is not about an object only where it answers for itself what it has. */
  answering(target: RequestTarget): AggregatedApi | undefined {
    if (target.isResource) return this.find(target);
    if (this.#extensions.size === 0) return undefined;
    const groupVersion = groupVersionAt(target.path);
    const found = groupVersion && this.find(groupVersion);
    return found?.resources === undefined ? found : undefined;
  }

  put(extension: AggregatedApi): void {
    this.#extensions.set(keyOf(extension), extension);
    this.#version += 1;
  }

  delete(groupVersion: GroupVersion): void {
    this.#told.delete(keyOf(groupVersion));
    if (this.#extensions.delete(keyOf(groupVersion))) this.#version += 1;
  }

  /** What there is of a version that a server behind a service answers. */
  told(groupVersion: GroupVersion): ToldVersion {
    return this.#told.get(keyOf(groupVersion)) ?? untold;
  }

  tell(groupVersion: GroupVersion, told: ToldVersion): void {
    const { openApi, ...known } = this.told(groupVersion);
    const { openApi: toldOpenApi, ...rest } = told;
    if (openApi === toldOpenApi && equalsJson(known, rest)) return;
    this.#told.set(keyOf(groupVersion), told);
    this.#version += 1;
  }
}

function keyOf({ group, version }: GroupVersion): string {
  return `${group}/${version}`;
}

/** Of `/apis/GROUP/VERSION` and `/api/VERSION`. */
function groupVersionAt(path: string): GroupVersion | undefined {
  const [root, group = '', version = '', ...rest] = path.split('/').filter((step) => step !== '');
  if (root === 'api' && version === '' && group !== '') return { group: '', version: group };
  return root === 'apis' && version !== '' && rest.length === 0 ? { group, version } : undefined;
}
