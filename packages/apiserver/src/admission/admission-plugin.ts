import type {
  DeleteOptions,
  KubernetesObject,
  ObjectDraft,
  UserInfo,
  WriteOptions,
} from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import type { AdmissionRounds } from './admission-rounds.ts';

/** `CONNECT` is for what opens a stream: exec, attach, port-forward, proxy. */
export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** All that a plugin may ask about a request. Source: admission/v1 AdmissionRequest. */
export interface AdmissionRequest {
  readonly operation: AdmissionOperation;
  readonly resource: ServedResource;
  readonly subresource: string;
  readonly namespace: string;
  /** Of the object itself, also where a whole collection is deleted. */
  readonly name: string;
  /** One of those that are deleted together, which the caller has not named. */
  readonly isOfCollection?: boolean;
  readonly user: UserInfo;
  /** What the store holds; absent for what is new. */
  readonly stored?: KubernetesObject;
  /** As the caller gave them; `dryRun` is among them. */
  readonly options: WriteOptions | DeleteOptions;
  /** Tells the caller something in a `Warning` header of the answer. */
  readonly warn: (text: string) => void;
  /** Tells the audit log something, under a key of the plugin's: `pod-security.kubernetes.io/exempt`. */
  readonly annotate: (key: string, value: string) => void;
  /** The same for what shows something of the body: it is asked for only where the audit log tells of that. */
  readonly annotateOfBody: (key: string, value: () => string) => void;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The same object for each try of one request, after names that were taken and others that wrote between. */
  readonly origin?: object;
  /** Has `end` called when the request is answered: the write has been done, or never will be. Absent for CONNECT. */
  readonly whenOver?: (end: () => void) => void;
}

/** The first phase. */
export interface AdmitRequest<T extends KubernetesObject> extends AdmissionRequest {
  /**
   * With the kind's defaults, to be changed in place; absent for DELETE. Of a scale, a binding, an eviction or
   * a token it is what was sent, of CONNECT the options, in which changes are lost.
   */
  readonly draft?: ObjectDraft<T>;
  readonly rounds: AdmissionRounds;
}

/** The second phase. */
export interface ValidateRequest<T extends KubernetesObject> extends AdmissionRequest {
  /** As it would be stored; absent for DELETE. Otherwise as `draft`. */
  readonly object?: T;
}

/**
 * Changes or refuses requests by what else is in the cluster, in one of two phases or in both.
 * Either throws the `ApiError` that the caller gets, and answers nothing where it need not wait for anything.
 * Source: Kubernetes, "Admission control".
 */
export interface AdmissionPlugin<T extends KubernetesObject = KubernetesObject> {
  /** As `--enable-admission-plugins` of a kube-apiserver spells it. */
  readonly name: string;
  readonly operations: readonly AdmissionOperation[];
  /** `group/plural` or `group/plural/subresource`; absent: every resource. */
  readonly resources?: readonly string[];
  /** Before the object is complete and has been validated: fills in, or refuses early. */
  admit?(request: AdmitRequest<T>): Promise<void> | undefined;
  /** Checks the final object, after all plugins have changed it, and changes nothing. */
  validate?(request: ValidateRequest<T>): Promise<void> | undefined;
}
