import { createHash } from 'node:crypto';

/** Where the node of a cluster has what is its own, and which addresses are the cluster's. */
export interface LocalNodePlace {
  readonly dataDirectory: string;
  /** Of all pods and services of the cluster. */
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Whether load balancers of the cluster lead to this machine. */
  readonly hasLoadBalancers: boolean;
  /** Of the pods of this node, where it is known before the node is. */
  readonly nodePodCidr?: string;
}

/** Where `fairway image load` puts what a cluster's pods run. */
export function imageDirectory(dataDirectory: string): string {
  return `${dataDirectory}/images`;
}

/** Tells what a cluster has on this machine from what others have. */
export function markOf({ dataDirectory }: Pick<LocalNodePlace, 'dataDirectory'>): string {
  return createHash('sha256').update(dataDirectory).digest('hex').slice(0, 8);
}
