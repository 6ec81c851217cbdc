import type { ContainerConfig, ContainerRecord, ContainerResources } from './container.ts';
import type { RuntimeStreams } from './runtime-streams.ts';
import type { SandboxConfig, SandboxRecord } from './sandbox.ts';
import type { ContainerUsage, FilesystemUsage } from './usage.ts';

/**
 * What runs containers on this machine: containerd through CRI, or processes in namespaces. It knows
 * sandboxes and containers and nothing of the API; every call is done again when its caller is in doubt.
 *
 * Errors: `RuntimeError` from every call.
 *
 * Source: CRI, runtime.v1.RuntimeService.
 */
export interface PodRuntime extends RuntimeStreams, SandboxCalls, ContainerCalls {
  /** How a node tells it: `containerd://1.6.20`. */
  readonly version: string;
  /** What hinders it from running pods, in words; undefined: nothing. */
  problem(): Promise<string | undefined>;
  /** Every pod of which it holds anything, what has ended too. */
  listPods(): Promise<readonly RuntimePod[]>;
  /** What each container that runs takes of the machine. */
  usage(): Promise<readonly ContainerUsage[]>;
  /** The file systems that hold images and what containers write. */
  filesystems(): Promise<readonly FilesystemUsage[]>;
  /**
   * Calls back when something has changed that `listPods` tells; with the pod's uid where that is known.
   * A hint to look sooner, which can be lost.
   */
  onChange(listener: (podUid?: string) => void): Disposable;
}

/** What is done with sandboxes. */
export interface SandboxCalls {
  /** Answers the identifier of the sandbox once it has its network. */
  startSandbox(config: SandboxConfig): Promise<string>;
  /** Ends what runs in it at once and takes its network away. One that is not there is stopped. */
  stopSandbox(sandboxId: string): Promise<void>;
  /** Takes a stopped sandbox away with its containers. */
  removeSandbox(sandboxId: string): Promise<void>;
}

/** What is done with containers. */
export interface ContainerCalls {
  /** Answers the identifier of a container that does not run yet. */
  createContainer(
    sandboxId: string,
    config: ContainerConfig,
    sandbox: SandboxConfig,
  ): Promise<string>;
  startContainer(containerId: string): Promise<void>;
  /** Asks it to end, and kills it after the time; resolves when it has ended. */
  stopContainer(containerId: string, options: { readonly graceMs: number }): Promise<void>;
  /** Takes an ended container away; its log file stays. */
  removeContainer(containerId: string): Promise<void>;
  /** What it is, with how it ended; undefined when it is not there. */
  containerRecord(containerId: string): Promise<ContainerRecord | undefined>;
  /** Gives a container that runs other resources. */
  resizeContainer(containerId: string, resources: ContainerResources): Promise<void>;
  /** Opens the file of a container's log anew, after it was renamed. */
  reopenLog(containerId: string): Promise<void>;
}

/** What the runtime holds of one pod. */
export interface RuntimePod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** The newest first. */
  readonly sandboxes: readonly SandboxRecord[];
  /** The newest first. */
  readonly containers: readonly ContainerRecord[];
}
