import type { EvictionThreshold } from '@fairway/node-agent';
import type { BackgroundProcesses, MachineFiles } from '@fairway/host';

/** A node on this machine, of a cluster of its own or of one that it joins, as its user wants it. */
export interface LocalNodeOptions {
  /** `auto`: the first of the others that the machine can have, or none. */
  readonly runtime: 'auto' | 'containerd' | 'process';
  /** Of a container runtime that is there already: `unix:///run/containerd/containerd.sock`. */
  readonly runtimeEndpoint?: string;
  /** That of the machine when absent. */
  readonly name?: string;
  /** Where pods and the API server reach it; one that only this machine has when absent. */
  readonly address?: string;
  /** From which load balancers get their addresses; one that nobody has when absent. */
  readonly loadBalancerCidr?: string;
  /** This Node.js, by its file: pods that are processes have a part that runs in it. */
  readonly nodeProgram: string;
  /** With the manifests of static pods. */
  readonly manifestDirectory?: string;
  /** Below which pods are evicted; those of a kubelet when absent. */
  readonly evictionThresholds?: readonly EvictionThreshold[];
  readonly background: BackgroundProcesses;
  readonly machineFiles: MachineFiles;
}
