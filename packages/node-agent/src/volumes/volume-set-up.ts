import type { Files, MachineFiles } from '@fairway/host';
import type { Volume } from '@fairway/kinds/core/v1';
import type { NodeFacts } from '../node/node-facts.ts';
import type { PodFolder } from '../node/pod-folders.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { MountedVolume } from './mounted-volume.ts';
import type { PodTokens } from './pod-tokens.ts';
import type { VolumeSources } from '../sources/volume-sources.ts';

/** What it takes to make one volume of a pod ready. */
export interface VolumeSetUp {
  readonly pod: AnyPod;
  readonly volume: Volume;
  readonly sources: VolumeSources;
  readonly node: NodeFacts;
  readonly machine: MachineFiles;
  readonly files: Pick<Files, 'writeTogether'>;
  readonly tokens: PodTokens;
  /** On the disk. */
  readonly folder: PodFolder;
  /** In memory: for what must not lie on a disk. */
  readonly memoryFolder: PodFolder;
  /** What this agent has done to the volume before; empty at first, and after the agent's restart. */
  readonly memory: VolumeMemory;
}

export interface VolumeMemory {
  /** Tells apart what was written. */
  written?: string;
  /** Its group has it. */
  isGiven?: boolean;
}

/** Makes volumes of one kind ready, again and again. Errors: `PodError` for what is missing or cannot be. */
export type SetUpVolume = (setUp: VolumeSetUp) => Promise<MountedVolume>;
