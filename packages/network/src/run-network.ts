import type { Environment, Logger, Processes } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import { type ComponentApi, clientAs, createInformers } from '@fairway/reconcile';
import { keepServiceRules } from './service-rules/keep-service-rules.ts';
import { nftOf } from './service-rules/nft.ts';

export interface NetworkOptions extends ComponentApi {
  readonly logger: Logger;
  readonly processes: Processes;
  readonly environment: Environment;
  readonly nodeName: string;
  /** Of the table of rules, of this cluster and no other of this machine. */
  readonly tableName: string;
  /** Of all pods of the cluster, and of its services. */
  readonly clusterCidr: string;
  readonly serviceCidr: string;
}

/**
 * Is the service network of this machine until the signal aborts.
 *
 * Errors: `NftError`, what the API answers.
 */
export async function runNetwork(options: NetworkOptions, signal: AbortSignal): Promise<void> {
  const { nodeName, tableName: name, clusterCidr, serviceCidr, logger, clock, random } = options;
  const client = clientAs(options, proxier, 'kube-proxy/fairway');
  const informers = options.informers ?? createInformers({ client, signal, logger });
  const table = { name, clusterCidr, serviceCidr };
  const nft = nftOf(options);
  await keepServiceRules({ informers, table, nodeName, nft, clock, random, logger }, signal);
}

const proxier: UserInfo = { username: 'system:kube-proxy', groups: ['system:authenticated'] };
