import { apiError, headerOf } from '@fairway/protocol';
import type { Upstream } from '@fairway/serving';
import { type Place, below, refusing } from '../forwarding/destination.ts';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';

/** A cluster that is reached when somebody wants it. */
export interface ProxiedCluster {
  readonly servers: readonly string[];
  readonly transport: Upstream;
}

/** Clusters by their names, such as those of contexts. */
export type ProxiedClusters = ReadonlyMap<string, () => Promise<ProxiedCluster>>;

/**
 * Clusters by `/clusters/NAME/`, and by the host `NAME.cluster.localhost` where the name can be one. `forward` makes
 * of a cluster what answers for it, below a prefix.
 */
export function clusterPlace(
  clusters: ProxiedClusters,
  forward: (cluster: ProxiedCluster, prefix: string) => Proxy,
): Place {
  const byPath = new Map<string, Proxy>();
  const byHost = new Map<string, Proxy>();
  for (const [name, open] of clusters) {
    const prefix = `/clusters/${encodeURIComponent(name)}/`;
    const opened = onceOpen(open);
    byPath.set(
      name,
      lateProxy(opened, (cluster) => forward(cluster, prefix)),
    );
    byHost.set(
      name.toLowerCase(),
      lateProxy(opened, (cluster) => forward(cluster, '/')),
    );
  }
  const nobody = (name: string): Proxy =>
    refusing(() => {
      const known = [...clusters.keys()].join(', ');
      return apiError(
        'NotFound',
        `the proxy has no cluster ${JSON.stringify(name)}; it has ${known}`,
      );
    });
  return (request) => {
    const host = headerOf(request.headers, 'host') ?? '';
    const [, named = ''] = /^(.+)\.cluster\.localhost(?::\d*)?$/i.exec(host) ?? [];
    if (named !== '') {
      const proxy = byHost.get(named.toLowerCase()) ?? nobody(named);
      return { proxy, request, madeHost: 'cluster' };
    }
    const [, first] = /^\/clusters\/([^/]*)/.exec(request.path) ?? [];
    if (first === undefined) return undefined;
    const proxy = byPath.get(decoded(first)) ?? nobody(first);
    return { proxy, request: below(request, `/clusters/${first}/`) ?? { ...request, path: '/' } };
  };
}

/** What has failed is tried again by who comes next. */
function onceOpen<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}

function lateProxy(
  open: () => Promise<ProxiedCluster>,
  forward: (cluster: ProxiedCluster) => Proxy,
): Proxy {
  let proxy: Proxy | undefined;
  const opened = async (): Promise<Proxy> => (proxy ??= forward(await open()));
  return {
    handler: async (request) => (await opened()).handler(request),
    upgradeHandler: async (request) => (await opened()).upgradeHandler(request),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return ''; // No name is encoded so.
  }
}
