import type { ApiServer } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { StartingPods } from '@fairway/network';
import type { ContainerHost } from '@fairway/node-agent';
import { type Informers, keepRunning } from '@fairway/reconcile';

/** Whose rules are kept, and for which packets. */
export interface LocalNetwork {
  readonly apiServer: Pick<ApiServer, 'handlerFor'>;
  /** Shared with others of this process. */
  readonly informers: Promise<Informers>;
  readonly nodeName: string;
  readonly nodeAddresses: readonly string[];
  readonly tableName: string;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  readonly loadBalancerCidr?: string;
  /** Whose policies hold before they begin. */
  readonly starting: StartingPods;
}

/**
 * Has addresses of services lead to pods and policies hold for them, on this machine, until `signal`. The rules
 * stay, for pods that take their time to end.
 */
export async function startNetwork(
  { clock, random, logger, processes, environment }: Host,
  network: LocalNetwork,
  signal: AbortSignal,
): Promise<void> {
  const { apiServer, informers, starting, ...rest } = network;
  const { runHealthChecks, runPodRoutes, runPolicies, runServiceRules } =
    await import('@fairway/network');
  const { handlerFor } = apiServer;
  const options = { handlerFor, clock, random, logger, processes, environment, ...rest };
  const shared = informers.then((those) => ({ ...options, informers: those }));
  const keep = (
    run: (options: Awaited<typeof shared>, signal: AbortSignal) => Promise<void>,
    failure: string,
  ): Promise<void> =>
    keepRunning(async () => run(await shared, signal), {
      clock,
      signal,
      onFailure: (error) => logger.error(failure, { error }),
    });
  await Promise.all([
    keep(runServiceRules, 'the service network has failed and is run again'),
    keep(runPodRoutes, 'pods of other nodes are not routed to any more, which is tried again'),
    keep(runHealthChecks, 'health checks of load balancers are not answered, which is tried again'),
    keep(
      (those, until) => runPolicies({ ...those, starting }, until),
      'network policies are not followed any more, which is tried again',
    ),
  ]);
}

/** Whether a machine can have rules for services and network policies. */
export function canHaveRules({ capabilities }: Pick<ContainerHost, 'capabilities'>): boolean {
  return capabilities.some(({ name, isThere }) => name === 'nft' && isThere);
}

/** Takes the rules and routes away. */
export async function endNetwork(
  { processes, environment, logger }: Host,
  { tableName, clusterCidr }: Pick<LocalNetwork, 'tableName' | 'clusterCidr'>,
): Promise<void> {
  const { removePodRoutes, removeRules } = await import('@fairway/network');
  await removePodRoutes({ processes, environment, clusterCidr }).catch((error: unknown) =>
    logger.error('routes to pods are left on the machine', { clusterCidr, error }),
  );
  await removeRules({ processes, environment, tableName }).catch((error: unknown) =>
    logger.error('rules of services and policies are left on the machine', { tableName, error }),
  );
}
