import type { ApiServer } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import { type Informers, keepRunning } from '@fairway/reconcile';

/** Has addresses of services lead to pods, for this machine and its pods, until `signal`. */
export async function startNetwork(
  { clock, random, logger, processes, environment }: Host,
  network: {
    readonly apiServer: Pick<ApiServer, 'handlerFor'>;
    /** Shared with others of this process. */
    readonly informers: Promise<Informers>;
    readonly nodeName: string;
    readonly nodeAddresses: readonly string[];
    readonly tableName: string;
    readonly clusterCidr: string;
    readonly serviceCidr: string;
    readonly loadBalancerCidr?: string;
  },
  signal: AbortSignal,
): Promise<void> {
  const { apiServer, informers, ...rest } = network;
  const { runNetwork } = await import('@fairway/network');
  const { handlerFor } = apiServer;
  const options = { handlerFor, clock, random, logger, processes, environment, ...rest };
  await keepRunning(async () => runNetwork({ ...options, informers: await informers }, signal), {
    clock,
    signal,
    onFailure: (error) =>
      logger.error('the service network has failed and is run again', { error }),
  });
}
