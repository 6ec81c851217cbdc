import type { ApiServer } from '@fairway/apiserver';
import { type Host, untilAborted } from '@fairway/host';
import type { NamesDoor } from '@fairway/network';
import type { ProcessNetwork } from '@fairway/node-agent';
import { type Informers, keepRunning } from '@fairway/reconcile';
import { type LocalNodePlace, nodeTraces } from './local-node-place.ts';

/** Pods that are processes, with a network of their own. */
export interface BalancedPods {
  readonly network: ProcessNetwork;
  /** Known once the node has them. */
  readonly opened: Promise<OpenedNetwork>;
  /** Of the service that leads to the API server, which is there without entrances. */
  readonly apiAddress: string;
}

export interface OpenedNetwork {
  readonly podCidrs: readonly string[];
  /** Of the node among its pods. */
  readonly gateway: string;
}

/** Has addresses of services lead to pods that are processes, until `signal`; their network goes on with it. */
export async function startEntrances(
  { clock, random, logger, processes, environment }: Host,
  of: BalancedPods & {
    readonly apiServer: Pick<ApiServer, 'handlerFor'>;
    /** Shared with others of this process. */
    readonly informers: Promise<Informers>;
    readonly nodeName: string;
    readonly address: string;
    readonly place: Pick<LocalNodePlace, 'serviceCidr' | 'podCidr' | 'dataDirectory'>;
  },
  signal: AbortSignal,
): Promise<void> {
  const opened = await untilOpened(of, signal);
  if (opened === undefined) return;
  const { apiServer, informers, network, nodeName, address, place, apiAddress } = of;
  const { runPodRules, runServiceEntrances } = await import('@fairway/network');
  const options = {
    handlerFor: apiServer.handlerFor,
    clock,
    random,
    logger,
    nodeName,
    nodeAddresses: [address],
    nodePortAddress: address,
    podCidrs: opened.podCidrs,
    serviceCidr: place.serviceCidr,
    taken: [{ address: apiAddress, port: 443 }],
    doors: { open: () => openEntrances(network), enter: network.enter },
  };
  const rules = {
    ...options,
    processes,
    environment,
    tableName: nodeTraces(place.dataDirectory).tableName,
    clusterCidr: place.podCidr,
    enter: network.command,
  };
  const keep = (run: (shared: Informers) => Promise<void>, failure: string): Promise<void> =>
    keepRunning(async () => run(await informers), {
      clock,
      signal,
      onFailure: (error) => logger.error(failure, { error }),
    });
  await Promise.all([
    keep(
      (shared) => runServiceEntrances({ ...options, informers: shared }, signal),
      'addresses of services are not followed any more, which is tried again',
    ),
    keep(
      (shared) => runPodRules({ ...rules, informers: shared }, signal),
      'rules for services are not kept any more, which is tried again',
    ),
  ]);
}

/** Undefined while the program begins anew. */
async function openEntrances(
  network: ProcessNetwork,
): Promise<Awaited<ReturnType<ProcessNetwork['openEntrances']>> | undefined> {
  const { RuntimeError } = await import('@fairway/node-agent');
  try {
    return await network.openEntrances();
  } catch (error) {
    if (error instanceof RuntimeError && error.problem === 'unavailable') return undefined;
    throw error;
  }
}

/** Where such pods ask for names; undefined: the signal came first. */
export async function namesDoor(
  pods: Pick<BalancedPods, 'network' | 'opened'>,
  signal: AbortSignal,
): Promise<NamesDoor | undefined> {
  const opened = await untilOpened(pods, signal);
  return (
    opened && { address: { address: opened.gateway, port: 53 }, open: pods.network.answerNames }
  );
}

async function untilOpened(
  { opened }: Pick<BalancedPods, 'opened'>,
  signal: AbortSignal,
): Promise<OpenedNetwork | undefined> {
  return await Promise.race([opened, untilAborted(signal).then(() => undefined)]);
}
