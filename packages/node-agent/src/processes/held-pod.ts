import type { ContainerConfig, ContainerRecord } from '../runtime/container.ts';
import type { SandboxConfig, SandboxRecord } from '../runtime/sandbox.ts';
import { hostImage } from './host-image.ts';
import type { ShimClient } from './shim-client.ts';
import type { ContainerState } from './shim-protocol.ts';

/** A sandbox as it is kept on disk: an agent that starts anew finds it. */
export interface KeptSandbox {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly createdMs: number;
  readonly address?: string;
  readonly shim?: KeptShim;
}

/** The process that holds its namespaces, told from any other that gets its number later. */
export interface KeptShim {
  readonly pid: number;
  readonly identity: string;
  readonly firstPid?: number;
}

/** A container as it is kept on disk; how it is, its shim keeps. */
export interface KeptContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly createdMs: number;
}

export interface HeldContainer {
  readonly kept: KeptContainer;
  state: ContainerState;
}

/** A sandbox of this runtime, with what runs in it. */
export interface HeldSandbox {
  kept: KeptSandbox;
  /** Undefined: it has been stopped, or has ended. */
  shim: ShimClient | undefined;
  readonly containers: Map<string, HeldContainer>;
}

export function sandboxRecord({ kept, shim }: HeldSandbox): SandboxRecord {
  const { id, config, createdMs, address } = kept;
  const { attempt, labels, annotations } = config;
  const isReady = shim !== undefined;
  const addresses = address === undefined || !isReady ? [] : [address];
  return { id, attempt, isReady, createdMs, addresses, labels, annotations };
}

export function containerRecord(
  { kept, state }: HeldContainer,
  { kept: sandbox }: HeldSandbox,
): ContainerRecord {
  const { id, sandboxId, config, createdMs } = kept;
  const { name, attempt, image, labels, annotations, logPath } = config;
  const { id: _, pid: __, terminal: ___, ...told } = state;
  return {
    id,
    sandboxId,
    name,
    attempt,
    image,
    imageId: hostImage.id,
    createdMs,
    labels,
    annotations,
    logPath: `${sandbox.config.logDirectory}/${logPath}`,
    ...told,
  };
}
