import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { GroupVersion } from '@fairway/protocol';
import type { AggregatedApi } from '../registry/aggregated-api.ts';
import { type ApiPriority, usualPriority } from '../registry/api-priorities.ts';
import { apiServiceName, nameOf } from '../registry/api-services.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';

/** By which a server knows again what it has registered: `onstart`, `true` for as long as it is served. */
export const automanagedLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** Its own API is what this server can never be without. */
const unregistered = 'apiregistration.k8s.io';

/** Source: the manifests of metrics-server. */
const ofComponents = { group: 100, version: 100 };

/**
 * The APIServices of what this server answers itself: one for each version of a group that is built in or
 * defined, and of what components of its process answer. Source: kube-aggregator, autoregister.
 */
export function localApiServices(
  registry: ResourceRegistry,
  components: readonly AggregatedApi[],
): ReadonlyMap<string, APIService> {
  const services = new Map<string, APIService>();
  const add = (service: APIService): void => {
    const name = nameOf(service);
    if (!services.has(name)) services.set(name, service);
  };
  for (const resource of registry.all) {
    if (resource.group === unregistered) continue;
    const managed = resource.isBuiltIn ? 'onstart' : 'true';
    add(localApiService(resource, usualPriority(resource), { [automanagedLabel]: managed }));
  }
  // Without a label: who puts another server in its place keeps that.
  for (const api of components) add(localApiService(api, ofComponents));
  return services;
}

function localApiService(
  { group, version }: GroupVersion,
  priority: ApiPriority,
  labels?: Readonly<Record<string, string>>,
): APIService {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: apiServiceName({ group, version }), ...(labels && { labels }) },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: priority.group,
      versionPriority: priority.version,
    },
  };
}
