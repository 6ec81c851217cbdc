import type { LocalNodePlace } from './local-node-place.ts';
import type { NetworkLocks } from './lock-network.ts';
import { movedClash } from './network-clash.ts';

type Locks = Pick<NetworkLocks, 'take'>;

/**
 * Takes the networks of a node that is to be, and answers why it cannot have them; undefined: it has. A node that joins
 * shares its services with all others of the cluster, which may be on the same machine.
 */
export async function takeNetworks(
  locks: Locks,
  place: LocalNodePlace,
): Promise<string | undefined> {
  const { nodePodCidr, serviceCidr, isOwn } = place;
  for (const network of [nodePodCidr ?? [], isOwn ? serviceCidr : []].flat()) {
    if (!(await locks.take(network))) return saidTaken(network, place);
  }
  return undefined;
}

/**
 * Takes the networks that the cluster has given a node for its pods: they need not be what was to be expected.
 *
 * Errors: an `Error` that says why the node cannot have them.
 */
export async function takePodNetworks(
  locks: Locks,
  place: LocalNodePlace,
  podCidrs: readonly string[],
): Promise<void> {
  for (const nodePodCidr of podCidrs) {
    const given = { ...place, nodePodCidr };
    const clash = movedClash(given) ?? (await takeNetworks(locks, given));
    if (clash !== undefined) throw new Error(clash);
  }
}

function saidTaken(network: string, { isOwn }: LocalNodePlace): string {
  const remedy = isOwn
    ? 'give this one others with --cluster-cidr and --service-cluster-ip-range, and a new --data-dir: a cluster keeps its first ones'
    : 'end that one, or join from another machine';
  return `another cluster of this machine has addresses of ${network}: ${remedy}`;
}
