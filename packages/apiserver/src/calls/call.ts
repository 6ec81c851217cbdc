import type { AuthenticatedRequest } from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { HttpResponse, ResourceTarget } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';

/**
 * One request for one resource: who asks for what, and what there is to answer with. `Parts` is
 * what the function that takes the call needs, a role such as `ReadParts`.
 */
export interface Call<Parts = unknown> {
  readonly request: AuthenticatedRequest;
  readonly target: ResourceTarget;
  readonly resource: ServedResource;
  readonly parts: Parts;
  /** Sent with the answer as `Warning` headers; any step of the request may add to it. */
  readonly warnings: string[];
  /** What admission noted for the audit log. */
  readonly auditAnnotations: Map<string, string>;
  /** Called once there is an answer, whatever it is. */
  readonly endings: (() => void)[];
}

export type Verb<Parts> = (call: Call<Parts>) => Promise<HttpResponse>;

/** To show an object: tables tell ages. */
export interface ShowParts {
  readonly clock: Clock;
}
