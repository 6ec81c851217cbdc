import type { GivenToken } from '@fairway/client';
import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { PodSources } from './pod-sources.ts';

/** What the volumes of a pod are made from, as the API has it now. */
export interface VolumeSources extends PodSources {
  claim(name: string): Promise<PersistentVolumeClaim | undefined>;
  persistentVolume(name: string): Promise<PersistentVolume | undefined>;
  /** A token of the pod's account that ends with the pod. */
  token(wish: PodTokenWish): Promise<GivenToken>;
}

export interface PodTokenWish {
  /** Absent: the API itself. */
  readonly audience?: string;
  readonly expirationSeconds: number;
}
