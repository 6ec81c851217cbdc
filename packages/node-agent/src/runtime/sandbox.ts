import type { ContainerResources, ContainerSecurity } from './container.ts';

/** What the containers of a pod share: network, names, a place in the tree of cgroups. */
export interface SandboxConfig {
  readonly pod: PodIdentity;
  /** How many sandboxes this pod has had before. */
  readonly attempt: number;
  /** Absent: that of the machine, as in its network. */
  readonly hostname?: string;
  /** Holds the logs of its containers. */
  readonly logDirectory: string;
  /** Absent: that of the machine. */
  readonly dns?: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Below which the cgroups of its containers are made; absent: wherever the runtime likes. */
  readonly cgroupParent?: string;
  readonly namespaces: SandboxNamespaces;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly security: ContainerSecurity;
  /** The handler of its runtime class; absent: the usual one. */
  readonly runtimeHandler?: string;
  readonly overhead?: ContainerResources;
}

export interface PodIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/** Whose a namespace of the kernel is: the pod's, one for each container, or the machine's. */
export interface SandboxNamespaces {
  readonly network: 'pod' | 'node';
  readonly pid: 'pod' | 'container' | 'node';
  readonly ipc: 'pod' | 'node';
}

/** What stands in `/etc/resolv.conf`. */
export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** A port of the machine that leads into the pod. */
export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort: number;
  /** Absent: every address. */
  readonly hostIp?: string;
}

/** A sandbox as the runtime knows it. */
export interface SandboxRecord {
  readonly id: string;
  readonly attempt: number;
  readonly isReady: boolean;
  readonly createdMs: number;
  /** Of the pod, the first one first; none in the machine's network. */
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
