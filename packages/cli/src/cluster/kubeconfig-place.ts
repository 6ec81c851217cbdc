import { join } from 'node:path';
import type { Clock, Environment, Files, Secret } from '@fairway/host';

/** A kubeconfig file in which a cluster has entries, perhaps beside those of others. */
export interface KubeconfigPlace {
  readonly path: string;
  /** Tells the entries of this cluster from those of others. Absolute. */
  readonly dataDirectory: string;
}

/** What a client needs to be the administrator of a cluster. */
export interface AdminAccess {
  readonly url: string;
  /** PEM, as the others. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: Secret;
}

export interface KubeconfigHost {
  readonly files: Files;
  readonly clock: Clock;
  readonly environment: Environment;
}

/** The name of the cluster, its administrator and its context. */
export const entryName = 'fairway';
/** The extension of an entry that says whose it is. */
export const markName = 'fairway';

/** Where a cluster writes its kubeconfig unless it is told another file. */
export function defaultKubeconfigPath(dataDirectory: string): string {
  return join(dataDirectory, 'kubeconfig');
}

/** Whether it is the file of the cluster, in which others have no entries. */
export function isOwnFile({ path, dataDirectory }: KubeconfigPlace): boolean {
  return path === defaultKubeconfigPath(dataDirectory);
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
