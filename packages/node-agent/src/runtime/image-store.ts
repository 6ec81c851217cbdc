import type { Secret } from '@fairway/host';

/**
 * The images of this machine.
 *
 * Errors: `RuntimeError` from every call; `not-found` for an image that no registry has.
 *
 * Source: CRI, runtime.v1.ImageService.
 */
export interface ImageStore {
  /** Undefined when it is not on this machine. */
  find(image: string): Promise<ImageRecord | undefined>;
  /** Fetches an image and answers its identifier. */
  pull(image: string, credentials?: RegistryCredentials): Promise<string>;
  list(): Promise<readonly ImageRecord[]>;
  remove(image: string): Promise<void>;
  /** Of the image that somebody has loaded under this name; undefined when nobody has. */
  loadedDigest?(image: string): Promise<string | undefined>;
}

export interface ImageRecord {
  /** `sha256:…` */
  readonly id: string;
  readonly tags: readonly string[];
  /** Names with digests. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** Whom its programs run as when nobody says otherwise: a number, a name, or neither. */
  readonly userId?: number;
  readonly userName?: string;
  /** The garbage collector leaves it. */
  readonly isPinned: boolean;
}

/** Whom a registry knows. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: Secret;
}
