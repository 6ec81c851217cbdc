import type { ApiServer } from '@fairway/apiserver';
import { type Host, untilAborted } from '@fairway/host';
import type { NamesDoor } from '@fairway/network';
import type { ProcessNetwork } from '@fairway/node-agent';
import { type Informers, keepRunning } from '@fairway/reconcile';
import type { LocalNodePlace } from './local-node-place.ts';

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
  { clock, random, logger }: Host,
  of: BalancedPods & {
    readonly apiServer: Pick<ApiServer, 'handlerFor'>;
    /** Shared with others of this process. */
    readonly informers: Promise<Informers>;
    readonly nodeName: string;
    readonly address: string;
    readonly place: Pick<LocalNodePlace, 'serviceCidr'>;
  },
  signal: AbortSignal,
): Promise<void> {
  const opened = await untilOpened(of, signal);
  if (opened === undefined) return;
  const { apiServer, informers, network, nodeName, address, place, apiAddress } = of;
  const { runServiceEntrances } = await import('@fairway/network');
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
    doors: { open: network.openEntrances, enter: network.enter },
  };
  await keepRunning(
    async () => runServiceEntrances({ ...options, informers: await informers }, signal),
    {
      clock,
      signal,
      onFailure: (error) =>
        logger.error('addresses of services are not followed any more, which is tried again', {
          error,
        }),
    },
  );
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
