import type { KubernetesObject, UserInfo } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';

/** A write on its way in, after defaulting and before validation. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly resource: ServedResource;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  /** May be changed in place by a step that fills something in; absent when deleting. */
  readonly draft?: KubernetesObject;
  readonly stored?: KubernetesObject;
}

/**
 * Changes or refuses a write by what else is in the cluster. Steps run in the order in which they
 * are listed. Errors: throws the `ApiError` that the caller gets.
 */
export type AdmissionStep = (request: AdmissionRequest) => Promise<void>;
