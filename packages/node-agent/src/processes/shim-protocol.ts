import type { PodLink } from './network/network-plan.ts';

/** What a pod is made of that its shim makes itself. */
export interface ShimPlan {
  readonly hostname: string | undefined;
  /** Undefined: it is in the network of the machine. */
  readonly link: PodLink | undefined;
  readonly sysctls: Readonly<Record<string, string>>;
  /** The containers see each other's processes. */
  readonly sharesProcesses: boolean;
}

/** What a shim says once it is in its namespaces; then it waits for the other end of its link. */
export interface ShimBegun {
  readonly pid: number;
}

/** What a shim says once it can be asked. */
export interface ShimReady {
  readonly pid: number;
  /** The first process of those that the containers share. */
  readonly firstPid?: number;
}

/** How a container is, as its shim tells and keeps it. */
export interface ContainerState {
  readonly id: string;
  readonly state: 'created' | 'running' | 'exited';
  /** Of its first process, on the machine. */
  readonly pid?: number;
  /** Of the machine: `/dev/pts/3`. */
  readonly terminal?: string;
  readonly startedMs?: number;
  readonly finishedMs?: number;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** A container as its shim starts it. */
export interface ContainerLaunch {
  readonly id: string;
  readonly command: readonly string[];
  /** Shell commands that set the variables, which no command line may show. */
  readonly environment: string;
  readonly logPath: string;
  readonly stdin: 'none' | 'once' | 'open';
  readonly tty: boolean;
  /** Its processes are not its own: what is left of them when it ends is to be found. */
  readonly sharesProcesses: boolean;
}

/** One line of JSON, the first one on a connection. */
export type ShimRequest =
  | { readonly kind: 'start'; readonly launch: ContainerLaunch }
  | { readonly kind: 'reopen-log'; readonly id: string }
  /** After the answer come the bytes of that stream. */
  | {
      readonly kind: 'attach';
      readonly id: string;
      readonly stream: 'stdin' | 'stdout' | 'stderr';
    }
  /** After the answer come the bytes of the port, both ways. `host`: an address of the pod; that of itself alone when absent. */
  | { readonly kind: 'port'; readonly port: number; readonly host?: string }
  /** After the answer come lines: a `ContainerState` for each container, and again when it changes. */
  | { readonly kind: 'watch' }
  /** Ends all containers, and the shim. */
  | { readonly kind: 'end' };

export const shimFiles = {
  plan: 'plan.json',
  socket: 'shim.sock',
  log: 'shim.log',
  stateOf: (containerId: string): string => `${containerId}.state.json`,
} as const;
