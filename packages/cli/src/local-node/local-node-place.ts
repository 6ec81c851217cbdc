import { createHash } from 'node:crypto';

/** Where the node of a cluster has what is its own, and which addresses are the cluster's. */
export interface LocalNodePlace {
  readonly dataDirectory: string;
  /** Of all pods and services of the cluster. */
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Whether the cluster is one of this machine, to which its load balancers lead. */
  readonly isOwn: boolean;
  /** Of the pods of this node, where it is known before the node is. */
  readonly nodePodCidr?: string;
  /** Of the service `kubernetes`, where it is known before the API server is. */
  readonly serviceAddress?: string;
}

/** Where `fairway image load` puts what a cluster's pods run. */
export function imageDirectory(dataDirectory: string): string {
  return `${dataDirectory}/images`;
}

/** Where a node has what whoever ends it has to find. */
export interface NodeTraces {
  /** Of the agent: pods, their logs and volumes. */
  readonly rootDirectory: string;
  /** What is kept by what runs the pods. */
  readonly containerdDirectory: string;
  readonly processesDirectory: string;
  /** Of a containerd that runs; gone when the machine starts. */
  readonly stateDirectory: string;
  readonly cgroupRoot: string;
  /** Of rules of the kernel. */
  readonly tableName: string;
}

/** Outside of the data directory, a name of its own tells them from those of others. */
export function nodeTraces(dataDirectory: string): NodeTraces {
  const mark = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 8);
  const rootDirectory = `${dataDirectory}/node`;
  return {
    rootDirectory,
    containerdDirectory: `${rootDirectory}/containerd`,
    processesDirectory: `${rootDirectory}/processes`,
    stateDirectory: `/run/fairway-${mark}`,
    cgroupRoot: `/fairway-${mark}`,
    tableName: `fairway-${mark}`,
  };
}
