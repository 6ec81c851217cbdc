import type { FieldSelector } from './field-selector.ts';
import type { LabelSelector } from './label-selector.ts';

/**
 * What a request is aimed at: the answer to "who does what to which resource", which authorization,
 * routing, recording and metrics all ask. Source: Kubernetes API conventions, request paths.
 */
export type RequestTarget = ResourceTarget | NonResourceTarget;

export interface ResourceTarget {
  readonly isResource: true;
  /**
   * `get list watch create update patch delete deletecollection`, from method, name and query.
   * Empty for a method without a verb (OPTIONS); `proxy` only under the retired `/proxy/` prefix.
   */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty when there is none. */
  readonly subresource: string;
  /** Empty at the cluster scope. A namespace is in itself: here and in `name` both. */
  readonly namespace: string;
  /** Empty for a collection, unless a list or watch selects one `metadata.name`. */
  readonly name: string;
  /**
   * What a list, a watch or the deletion of a collection is narrowed to; absent when it is to nothing, or
   * when the text cannot be read, which its verb refuses.
   */
  readonly fieldSelector?: FieldSelector;
  readonly labelSelector?: LabelSelector;
  /**
   * What follows the subresource, as sent, with its leading slash; empty when nothing does. Only
   * `proxy` uses it; any other path with such a rest is not found.
   */
  readonly rest: string;
}

export interface NonResourceTarget {
  readonly isResource: false;
  /** The method in lower case. */
  readonly verb: string;
  /** The decoded path. */
  readonly path: string;
}
