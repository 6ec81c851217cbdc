/** Everything the runtime needs to know of a container. */
export interface ContainerConfig {
  readonly name: string;
  /** How many containers of this name the pod has had before. */
  readonly attempt: number;
  /** As `ImageStore` identifies it: `sha256:…`. */
  readonly imageId: string;
  /** As the pod names it. */
  readonly image: string;
  /** In place of the image's entry point; empty: that one. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Absent: the image's. */
  readonly workingDirectory?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Below the log directory of its sandbox. */
  readonly logPath: string;
  readonly stdin: boolean;
  /** The input ends with the first who attaches. */
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly resources: ContainerResources;
  readonly security: ContainerSecurity;
  /** The container whose processes it sees, by identifier. */
  readonly targetContainerId?: string;
}

/** Something of the machine that a container sees. */
export interface ContainerMount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly isReadOnly: boolean;
  readonly propagation: 'private' | 'host-to-container' | 'bidirectional';
}

/** What a container may take of the machine, in the kernel's words. Absent: not bounded. */
export interface ContainerResources {
  readonly cpuPeriodUs?: number;
  readonly cpuQuotaUs?: number;
  readonly cpuShares?: number;
  readonly memoryBytesMax?: number;
  readonly oomScoreAdjustment?: number;
  /** Processes and threads. */
  readonly pidsMax?: number;
  /** By size, `2Mi`. */
  readonly hugepageBytesMax?: Readonly<Record<string, number>>;
}

/** As whom a container runs and what it may do. Source: core/v1 SecurityContext. */
export interface ContainerSecurity {
  readonly runAsUser?: number;
  /** In place of a number: to be looked up in the image. */
  readonly runAsUserName?: string;
  readonly runAsGroup?: number;
  readonly supplementalGroups?: readonly number[];
  readonly isPrivileged?: boolean;
  readonly hasReadOnlyRoot?: boolean;
  readonly noNewPrivileges?: boolean;
  readonly addedCapabilities?: readonly string[];
  readonly droppedCapabilities?: readonly string[];
  readonly seccomp?: SecurityProfile;
  readonly appArmor?: SecurityProfile;
  readonly maskedPaths?: readonly string[];
  readonly readOnlyPaths?: readonly string[];
}

export type SecurityProfile =
  | { readonly kind: 'runtime-default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'localhost'; readonly path: string };

/** A container as the runtime knows it. */
export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  /** With its digest, as a status tells it. */
  readonly imageId: string;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly createdMs: number;
  readonly startedMs?: number;
  readonly finishedMs?: number;
  readonly exitCode?: number;
  /** `OOMKilled`, `Error`, `Completed`, … as the runtime says. */
  readonly reason?: string;
  readonly message?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly logPath?: string;
}
