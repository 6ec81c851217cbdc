/** What a pod's network needs to know of its node. */
export interface PodNetwork {
  /** Of this node, one of each family at most: `10.244.1.0/24`. */
  readonly podCidrs: readonly string[];
  /** Which addresses are taken. */
  readonly addressesDirectory: string;
}

/**
 * How each pod gets its network: a pair of interfaces with the machine as its router, which needs no
 * bridge, so that every packet between pods passes the machine's rules.
 *
 * Source: CNI specification 0.4.0, plugins ptp, host-local and portmap.
 */
export function networkConfig({ podCidrs, addressesDirectory }: PodNetwork): string {
  const routes = podCidrs.map((cidr) => ({ dst: cidr.includes(':') ? '::/0' : '0.0.0.0/0' }));
  const network = {
    cniVersion: '0.4.0',
    name: 'fairway',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: addressesDirectory,
          ranges: podCidrs.map((subnet) => [{ subnet }]),
          routes,
        },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  };
  return `${JSON.stringify(network, undefined, 2)}\n`;
}
