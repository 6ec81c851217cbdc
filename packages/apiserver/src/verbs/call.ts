import type { AuthenticatedRequest, Authorizer } from '@fairway/access';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import type { Clock, Logger, Random } from '@fairway/host';
import type { HttpResponse, ResourceTarget } from '@fairway/protocol';
import type { Store } from '@fairway/store';
import type { AdmissionStep } from '../admission/admission-step.ts';
import type { Allocators } from '../allocators/allocator.ts';
import type { ListRuns } from '../objects/list-runs.ts';
import type { StoredFacts } from '../objects/stored-facts.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import type { SharedFrames } from '../content/shared-frames.ts';

/** What the verbs share: the parts of one API server, each made once at its start. */
export interface ServerParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly schemas: BuiltInSchemas;
  readonly facts: StoredFacts;
  readonly runs: ListRuns;
  readonly sharedFrames: SharedFrames;
  readonly authorizer: Authorizer;
  readonly admission: readonly AdmissionStep[];
  readonly allocators: Allocators;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Aborts when the server stops: watches end, so that their clients go elsewhere. */
  readonly stopping: AbortSignal;
}

/** One request for one resource: who asks for what, and with which parts to answer. */
export interface Call {
  readonly request: AuthenticatedRequest;
  readonly target: ResourceTarget;
  readonly resource: ServedResource;
  readonly query: URLSearchParams;
  readonly parts: ServerParts;
  /** Sent with the answer as `Warning` headers; whoever notices something adds to it. */
  readonly warnings: string[];
}

export type Verb = (call: Call) => Promise<HttpResponse>;
