import type { KubernetesObject, UserInfo } from '@fairway/protocol';

/** What the API asks: may this be done? Source: admission.k8s.io/v1 AdmissionRequest. */
export interface AdmissionQuestion<T extends KubernetesObject = KubernetesObject> {
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Of `object`, in the version of the rule that has matched. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
  };
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty where the server has not chosen one yet, and where a collection is deleted. */
  readonly name: string;
  /** Empty for what is in none. */
  readonly namespace: string;
  readonly user: UserInfo;
  /** As it is to be; absent when it is deleted. Of a connection the options, which are no `T`. */
  readonly object?: T;
  /** As it is; absent when it is new. */
  readonly oldObject?: T;
  /** Nothing is stored whatever the answer, and nothing else may be done about it. */
  readonly isDryRun: boolean;
  readonly options: object;
}
