import type { HttpRequest, KubernetesObject, RequestTarget, UserInfo } from '@fairway/protocol';
import type { Decision } from './authorization/authorizer.ts';

/** A request of which we know what it is aimed at. Made by `describeTarget`. */
export interface TargetedRequest extends HttpRequest {
  readonly target: RequestTarget;
  /** Where the steps of the request note what an audit log is to tell; absent: there is none. */
  readonly audit?: AuditNotes;
}

/** What is noted of a request for its audit log. */
export interface AuditNotes {
  /** Of whoever has something to tell, by keys of their own: `podsecurity.kubernetes.io/audit`. */
  readonly annotations: Map<string, string>;
  /** What shows something of a body: it is asked for, and told, only where bodies of requests are. */
  noteOfBody(key: string, value: () => string): void;
  /** Who asks in the end, and what was decided. */
  noteDecision(request: AuthenticatedRequest, decision: Decision): void;
  /** What the object in the body says of itself. */
  noteObject(metadata: NonNullable<KubernetesObject['metadata']>): void;
}

/**
 * A request of which we know who asks. Made by `authenticate`, and required by `authorize`: filters
 * in the wrong order do not compile.
 */
export interface AuthenticatedRequest extends TargetedRequest {
  readonly user: UserInfo;
  /** Who really asks, when it acts as `user`. */
  readonly impersonatedBy?: UserInfo;
}

/**
 * A request that may be answered. Made by `authorize`, and required by every handler that answers,
 * so that code without authorization does not compile. It carries the decision, for the audit log
 * and metrics.
 */
export interface AuthorizedRequest extends AuthenticatedRequest {
  /** Why it is allowed. */
  readonly decision: Decision;
}

/**
 * What a filter passes a request on to: a `Handler` where the reply is a response, an upgrade
 * handler where it is a stream. The filters here do not look at the reply, so they serve both.
 */
export type Next<Request extends HttpRequest, Reply> = (request: Request) => Promise<Reply>;
