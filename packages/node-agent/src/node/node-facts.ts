import type { DnsConfig } from '../runtime/sandbox.ts';

/** What the containers of a machine depend on beside their pods. */
export interface NodeFacts {
  readonly name: string;
  /** By which others reach it, the one it prefers first; one of each family at the most. */
  readonly addresses: readonly string[];
  /** All that the machine has, by the names of resources. */
  readonly capacity: Readonly<Record<string, string>>;
  /** What of it pods may take. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** Below it lies what pods have on this machine: `ROOT/pods/UID`. */
  readonly rootDirectory: string;
  /** Below it lie the logs: `LOGS/NAMESPACE_NAME_UID/CONTAINER/ATTEMPT.log`. */
  readonly logDirectory: string;
  /** The servers that know the names of the cluster; empty: pods ask those of the machine. */
  readonly clusterDns: readonly string[];
  /** `cluster.local` */
  readonly clusterDomain: string;
  /** What the machine's own programs ask. */
  readonly hostDns: DnsConfig;
  /** The cgroup below which those of all pods are made, `/fairway-1f2e`; absent: the runtime chooses. */
  readonly cgroupRoot?: string;
  readonly hasAppArmor: boolean;
}
