import { Secret } from '@fairway/host';
import { type ClusterTarget, addressesOf } from '../cluster-target.ts';
import { chooseProxy } from './choose-proxy.ts';
import { failover } from './failover.ts';
import { type Wire, nodeTransport } from './node-transport.ts';
import type { TransportOptions } from './transport-options.ts';

/** The wire to a cluster: to its one address, or to all that it has. */
export function connectWire(target: ClusterTarget, options: TransportOptions): Wire {
  const { clock, random, variables = {}, isHttp2Wanted, limits, openStream } = options;
  const { isHttp2ForWatchesOnly = false, healthCheckMs } = options;
  const wires = addressesOf(target).map((server) =>
    nodeTransport({
      server,
      trust: target.trust,
      credentials: target.credentials,
      clock,
      openStream,
      isHttp2ForWatchesOnly,
      proxyUrl: target.proxyUrl ?? environmentProxy(server, variables),
      ...(isHttp2Wanted === undefined ? {} : { isHttp2Wanted }),
      ...(limits === undefined ? {} : { limits }),
    }),
  );
  const [only] = wires;
  return only !== undefined && wires.length === 1
    ? only
    : failover({ wires, clock, random, healthCheckMs });
}

function environmentProxy(
  server: string,
  variables: Readonly<Record<string, string | undefined>>,
): Secret | undefined {
  const proxy = chooseProxy(new URL(server), variables);
  return proxy === undefined ? undefined : new Secret(proxy);
}
