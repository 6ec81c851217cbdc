import { DisposalStack, messageOf } from '@fairway/host';
import type { Informers } from '@fairway/reconcile';
import type { NameServer } from './ask-server.ts';
import { followZone } from './cluster-zone.ts';
import { Forwarder, type ForwarderParts } from './forwarder.ts';
import { NameResolver } from './name-resolver.ts';
import type { NamesDoor, NamesPort } from './names-port.ts';
import { serveConnections } from './serve-connections.ts';
import { serveDatagrams } from './serve-datagrams.ts';
import { serveDoor } from './serve-door.ts';

export interface ClusterNamesOptions extends ForwarderParts {
  readonly informers: Informers;
  /** `cluster.local`. */
  readonly clusterDomain: string;
  /** The cluster's address of this server, which pods are given. */
  readonly serviceAddress: string;
  /** Where it listens, or is asked otherwise; port 0 takes a free one. */
  readonly listen: NameServer | NamesDoor;
}

/**
 * Answers for the names of a cluster, over UDP and TCP; for other names it asks the servers of the machine. Begins
 * when it knows the whole cluster. The signal ends what is on its way.
 *
 * Errors: `NamesError` where the address is not to be had; the failure of the informers.
 */
export async function openNames(
  options: ClusterNamesOptions,
  signal: AbortSignal,
): Promise<NamesPort> {
  const { informers, clusterDomain, serviceAddress, listen } = options;
  const zone = followZone(informers, {
    domain: clusterDomain.toLowerCase(),
    serverAddresses: [serviceAddress],
  });
  await zone.synced;
  const place = 'open' in listen ? listen.address : listen;
  // A machine that asks here for its own names must not be asked back.
  const isOther = ({ address, port }: NameServer): boolean =>
    address !== serviceAddress && !(address === place.address && port === place.port);
  const upstreams = async (): Promise<readonly NameServer[]> =>
    (await options.upstreams()).filter(isOther);
  const forwarder = new Forwarder({ ...options, upstreams }, signal);
  const resolver = new NameResolver(zone, forwarder, options.logger);
  try {
    return await ('open' in listen ? serveDoor(resolver, listen) : servePort(resolver, listen));
  } catch (cause) {
    throw new NamesError(place, cause);
  }
}

async function servePort(resolver: NameResolver, listen: NameServer): Promise<NamesPort> {
  await using opening = new DisposalStack();
  const connections = opening.use(await serveConnections(resolver, listen));
  const { address } = connections;
  const datagrams = opening.use(await serveDatagrams(resolver, address));
  const opened = opening.move();
  return {
    address,
    failed: Promise.race([datagrams.failed, connections.failed]),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Names cannot be answered where they should be. */
export class NamesError extends Error {
  override readonly name = 'NamesError';

  constructor({ address, port }: NameServer, cause: unknown) {
    const why = messageOf(cause);
    const remedy = 'see that nothing else listens there, and that the machine has the address';
    super(`cannot answer for names at ${address}:${port}: ${why}; ${remedy}`, { cause });
  }
}
