import type { AggregatedApi, ApiServer } from '@fairway/apiserver';
import { createClient } from '@fairway/client';
import type { Host } from '@fairway/host';
import { metricsApi } from '@fairway/metrics-server';
import { ownUser } from './own-roles.ts';

/** The API metrics.k8s.io of a cluster, which asks kubelets through the API server that it is a part of. */
export function clusterMetrics(
  { clock, random }: Pick<Host, 'clock' | 'random'>,
  apiServer: () => Pick<ApiServer, 'handlerFor'>,
): AggregatedApi {
  const client = createClient({
    transport: (request) => apiServer().handlerFor(ownUser)(request),
    clock,
    random,
  });
  return metricsApi({ client, clock });
}
