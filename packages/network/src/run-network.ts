import { type Environment, type Logger, type Processes, untilAborted } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import { type ComponentApi, type Informers, clientAs, createInformers } from '@fairway/reconcile';
import { type EntranceDoors, keepEntrances } from './balancing/keep-entrances.ts';
import { podRules } from './balancing/pod-rules.ts';
import type { BalancedNetwork } from './balancing/service-entrances.ts';
import { keepHealthChecks } from './health-checks/keep-health-checks.ts';
import { keepTable } from './nftables/keep-table.ts';
import { nftOf } from './nftables/nft.ts';
import { removalScript } from './nftables/table-script.ts';
import { administrator, proxier } from './network-users.ts';
import { policyTable, policyTableName } from './policies/policy-table.ts';
import type { StartingPods } from './policies/starting-pods.ts';
import { ipRoutesOf } from './pod-routes/ip-routes.ts';
import { keepPodRoutes, removeRoutes } from './pod-routes/keep-pod-routes.ts';
import type { ServiceRanges } from './service-rules/service-frame.ts';
import { serviceTable } from './service-rules/service-table.ts';

export interface NetworkOptions extends ComponentApi {
  readonly logger: Logger;
  readonly processes: Processes;
  readonly environment: Environment;
  readonly nodeName: string;
  /** Of the tables of rules, of this cluster and no other of this machine. */
  readonly tableName: string;
}

export type BalancingOptions = Omit<NetworkOptions, 'processes' | 'environment' | 'tableName'> &
  BalancedNetwork & {
    readonly doors: EntranceDoors;
    /** Of this machine, where node ports are. */
    readonly nodePortAddress: string;
  };

/**
 * Has addresses of services lead to their programs until the signal aborts, and leaves it so.
 *
 * Errors: what the API answers.
 */
export async function runServiceRules(
  options: NetworkOptions & ServiceRanges & { readonly nodeAddresses: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const { nodeName, nodeAddresses } = options;
  const node = { name: nodeName, addresses: nodeAddresses };
  const table = serviceTable(proxierInformers(options, signal), { ...options, node });
  await keepTable(table, doorsOf(options), signal);
}

/**
 * The same for pods that are processes, without rules: has the program of their network lead on, and this process
 * from the node ports, until the signal aborts. The program goes on with what it was told last.
 *
 * Errors: what the API answers.
 */
export async function runServiceEntrances(
  options: BalancingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { nodeName, nodeAddresses } = options;
  const node = { name: nodeName, addresses: nodeAddresses };
  await keepEntrances({ ...options, node, informers: proxierInformers(options, signal) }, signal);
}

/**
 * Has rules do in the network of such pods what its program would do, where this machine has nftables, until the
 * signal aborts. Without, it waits.
 *
 * Errors: what the API answers; where nobody holds the network.
 */
export async function runPodRules(
  options: NetworkOptions &
    BalancedNetwork & {
      readonly clusterCidr: string;
      /** What brings a program into the network, before its command. */
      readonly enter: () => Promise<readonly string[]>;
    },
  signal: AbortSignal,
): Promise<void> {
  const { nodeName, nodeAddresses, logger } = options;
  if (!(await nftOf(options).isUsable())) {
    logger.debug('a program is the addresses of services: there is no nftables for faster ones');
    return await untilAborted(signal);
  }
  const node = { name: nodeName, addresses: nodeAddresses };
  await keepTable(
    podRules(proxierInformers(options, signal), { ...options, node }),
    // What rules do not cover yet the program does.
    { ...options, nft: nftOf({ ...options, mayBeParted: true }) },
    signal,
  );
}

/**
 * Has addresses of pods on other nodes lead there until the signal aborts, and leaves it so.
 *
 * Errors: `RouteError`, what the API answers.
 */
export async function runPodRoutes(
  options: Omit<NetworkOptions, 'tableName'> & { readonly clusterCidr: string },
  signal: AbortSignal,
): Promise<void> {
  const parts = { ...options, informers: proxierInformers(options, signal) };
  await keepPodRoutes({ ...parts, routes: ipRoutesOf(options) }, signal);
}

/** Tells load balancers whether this node has programs of their services, until the signal aborts. */
export async function runHealthChecks(
  options: Omit<NetworkOptions, 'processes' | 'environment' | 'tableName'>,
  signal: AbortSignal,
): Promise<void> {
  await keepHealthChecks({ ...options, informers: proxierInformers(options, signal) }, signal);
}

/** Holds network policies until the signal aborts, and leaves them so. Errors: what the API answers. */
export async function runPolicies(
  options: NetworkOptions & { readonly starting: StartingPods },
  signal: AbortSignal,
): Promise<void> {
  const user = { user: administrator, agent: 'network-policies/fairway', signal };
  const table = { ...options, tableName: policyTableName(options.tableName) };
  await keepTable(policyTable(informersOf(options, user), table), doorsOf(options), signal);
}

/** Takes away what `runServiceRules` and `runPolicies` have left. Errors: `NftError`. */
export async function removeRules(
  options: Pick<NetworkOptions, 'processes' | 'environment' | 'tableName'>,
): Promise<void> {
  const names = [options.tableName, policyTableName(options.tableName)];
  await nftOf(options).apply(names.map((name) => removalScript({ name })).join(''));
}

/** Takes away what `runPodRoutes` has left. Errors: `RouteError`. */
export async function removePodRoutes(
  options: Pick<NetworkOptions, 'processes' | 'environment'> & { readonly clusterCidr: string },
): Promise<void> {
  await removeRoutes(ipRoutesOf(options), options.clusterCidr);
}

function doorsOf(options: NetworkOptions): Parameters<typeof keepTable>[1] {
  return { ...options, nft: nftOf(options) };
}

function proxierInformers(
  options: ComponentApi & { readonly logger: Logger },
  signal: AbortSignal,
): Informers {
  return informersOf(options, { user: proxier, agent: 'kube-proxy/fairway', signal });
}

function informersOf(
  options: ComponentApi & { readonly logger: Logger },
  as: { readonly user: UserInfo; readonly agent: string; readonly signal: AbortSignal },
): Informers {
  const { signal } = as;
  const client = clientAs(options, as.user, as.agent);
  return options.informers ?? createInformers({ client, signal, logger: options.logger });
}
