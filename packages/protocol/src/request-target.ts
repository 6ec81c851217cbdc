/**
 * What a request is aimed at: the answer to "who does what to which resource", which authorization,
 * routing, recording and metrics all ask. Source: Kubernetes API conventions, request paths.
 */
export type RequestTarget = ResourceTarget | NonResourceTarget;

export interface ResourceTarget {
  readonly isResource: true;
  /** `get list watch create update patch delete deletecollection`, from method, name and query. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty when there is none; may hold slashes only for `proxy` (`proxy/index.html` is in `rest`). */
  readonly subresource: string;
  /** Empty at the cluster scope. */
  readonly namespace: string;
  /** Empty for a collection. */
  readonly name: string;
  /** What follows a `proxy` subresource, as sent; else empty. */
  readonly rest: string;
}

export interface NonResourceTarget {
  readonly isResource: false;
  /** The method in lower case. */
  readonly verb: string;
  /** The decoded path. */
  readonly path: string;
}
