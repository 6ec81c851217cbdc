import { createHash } from 'node:crypto';
import type { NetworkRange } from '@fairway/kind-rules/nodes';

/** Where the node of a cluster has what is its own, and which addresses are the cluster's. */
export interface LocalNodePlace {
  readonly dataDirectory: string;
  readonly podNetworks: NetworkRange;
  readonly serviceCidr: string;
}

/** Where `fairway image load` puts what a cluster's pods run. */
export function imageDirectory(dataDirectory: string): string {
  return `${dataDirectory}/images`;
}

/** Tells what a cluster has on this machine from what others have. */
export function markOf({ dataDirectory }: Pick<LocalNodePlace, 'dataDirectory'>): string {
  return createHash('sha256').update(dataDirectory).digest('hex').slice(0, 8);
}
