import type { Environment, Logger, Processes } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import { type ComponentApi, clientAs, createInformers } from '@fairway/reconcile';
import { keepHealthChecks } from './health-checks/keep-health-checks.ts';
import { keepServiceRules } from './service-rules/keep-service-rules.ts';
import { nftOf } from './service-rules/nft.ts';

export interface NetworkOptions extends ComponentApi {
  readonly logger: Logger;
  readonly processes: Processes;
  readonly environment: Environment;
  readonly nodeName: string;
  /** Of the node, by which it comes to its own load balancers. */
  readonly nodeAddresses: readonly string[];
  /** Of the table of rules, of this cluster and no other of this machine. */
  readonly tableName: string;
  /** Of all pods of the cluster, and of its services. */
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** Of load balancers, addresses that this machine has; absent: none. */
  readonly loadBalancerCidr?: string;
}

/**
 * Is the service network of this machine until the signal aborts.
 *
 * Errors: `NftError`, what the API answers.
 */
export async function runNetwork(options: NetworkOptions, signal: AbortSignal): Promise<void> {
  const { nodeName, nodeAddresses, tableName, logger, clock, random } = options;
  const client = clientAs(options, proxier, 'kube-proxy/fairway');
  const informers = options.informers ?? createInformers({ client, signal, logger });
  const table = { ...options, name: tableName };
  const node = { name: nodeName, addresses: nodeAddresses };
  const nft = nftOf(options);
  const shared = { informers, clock, random, logger };
  await Promise.all([
    keepServiceRules({ ...shared, table, node, nft }, signal),
    keepHealthChecks({ ...shared, nodeName }, signal),
  ]);
}

const proxier: UserInfo = { username: 'system:kube-proxy', groups: ['system:authenticated'] };
