import type { ApiServer } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { OpenPodPort } from '../cluster-access/pod-road.ts';
import { ownUser } from './own-roles.ts';

/** The way of `kubectl port-forward`, through the kubelet of the pod: one for each stream, so that they end together. */
export function podPortStreams(
  { clock, random }: Pick<Host, 'clock' | 'random'>,
  apiServer: () => Pick<ApiServer, 'handlerFor' | 'upgradeFor'>,
): OpenPodPort {
  return async ({ namespace, name }, port) => {
    const [{ createClient }, { openPodPort }] = await Promise.all([
      import('@fairway/client'),
      import('@fairway/client/streams'),
    ]);
    const { handlerFor, upgradeFor } = apiServer();
    const client = createClient({
      transport: handlerFor(ownUser),
      upgrade: upgradeFor(ownUser),
      clock,
      random,
    });
    return openPodPort(client, name, port, { namespace });
  };
}
