import { type ApiRoute, relaySocket } from '../api-relay.ts';
import { namesSockets } from './names-door.ts';

/** What the network of the pods of a node is made of. */
export interface NetworkPlan {
  /** The address that the node has in it, by which pods reach all that is not theirs. */
  readonly gateway: string;
  /** All of it is addresses of services; who asks for one that nobody has is refused. Undefined: there are none. */
  readonly serviceCidr: string | undefined;
  readonly doors: readonly Door[];
}

/** An address in the network that leads out of it, to a socket in the file system. */
export interface Door {
  readonly address: string;
  readonly port: number;
  /** As the program of the network finds it, from its folder. */
  readonly socketPath: string;
  /** Where datagrams go; undefined: nowhere. */
  readonly datagramPath?: string;
}

/** The program of the network says it once its plan holds. */
export interface ProgramReady {
  readonly pid: number;
}

/** In the folder of the runtime. */
export function networkDirectory(directory: string): string {
  return `${directory}/network`;
}

export const networkFiles = {
  plan: 'plan.json',
  kept: 'kept.json',
  log: 'network.log',
  socket: 'network.sock',
} as const;

/** What a pod has in its own network: the one address, and whom to send everything else. */
export interface PodLink {
  readonly address: string;
  readonly gateway: string;
}

/** The names of interfaces: in a pod, as everywhere, and at the other end. */
export const podInterface = 'eth0';

/** Of at most 15 characters, told from those of other pods. */
export function linkName(sandboxId: string): string {
  return `pod${sandboxId.slice(0, 12)}`;
}

/** Where pods ask for names, whatever the addresses of the cluster are. Source: NodeLocal DNSCache. */
export const namesAddress = '169.254.20.10';

/** What is always there leads to the API server, and to whoever answers for names. */
export function networkPlan({
  gateway,
  serviceCidr,
  api,
}: {
  readonly gateway: string;
  readonly serviceCidr: string | undefined;
  readonly api: ApiRoute | undefined;
}): NetworkPlan {
  const toApi = api && {
    address: api.serviceAddress,
    port: api.servicePort,
    socketPath: `../${relaySocket}`,
  };
  const toNames = [gateway, namesAddress].map((address) => ({
    address,
    port: 53,
    socketPath: `../${namesSockets.connections}`,
    datagramPath: `../${namesSockets.datagrams}`,
  }));
  return { gateway, serviceCidr, doors: [...(toApi === undefined ? [] : [toApi]), ...toNames] };
}
