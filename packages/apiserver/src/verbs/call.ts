import type { AuthenticatedRequest, Authorizer } from '@fairway/access';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import type { Clock, Logger, Random } from '@fairway/host';
import type { HttpResponse, ResourceTarget } from '@fairway/protocol';
import type { Store } from '@fairway/store';
import type { YamlDecoder } from '../content/yaml-decoder.ts';
import type { AdmissionPlugin } from '../admission/admission-plugin.ts';
import type { Allocators } from '../allocators/allocator.ts';
import type { ListRuns } from '../objects/list-runs.ts';
import type { StoredFacts } from '../objects/stored-facts.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import type { SharedFrames } from '../content/shared-frames.ts';

/**
 * One request for one resource: who asks for what, and what there is to answer with. `Parts` is
 * what the function that takes the call needs: one of the roles below.
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
}

export type Verb<Parts> = (call: Call<Parts>) => Promise<HttpResponse>;

/** To read what a caller sends. */
export interface BodyParts {
  readonly yaml: YamlDecoder;
}

/** To show an object: tables tell ages. */
export interface ShowParts {
  readonly clock: Clock;
}

/** To read what is stored. */
export interface ReadParts extends ShowParts {
  readonly store: Store;
  readonly facts: StoredFacts;
  readonly runs: ListRuns;
}

/** To follow what is stored. */
export interface WatchParts extends Omit<ReadParts, 'runs'> {
  readonly sharedFrames: SharedFrames;
  readonly random: Random;
  readonly logger: Logger;
  /** Aborts when the server stops: watches end, so that their clients go elsewhere. */
  readonly stopping: AbortSignal;
}

/** To change what is stored. */
export interface WriteParts extends ShowParts, BodyParts {
  readonly store: Store;
  readonly schemas: BuiltInSchemas;
  readonly admission: readonly AdmissionPlugin[];
  readonly allocators: Allocators;
  /** Asked again where one verb may turn out to be another. */
  readonly authorizer: Authorizer;
  readonly random: Random;
}

/** What one API server is made of, each part made once at its start. */
export interface ServerParts extends ReadParts, WatchParts, WriteParts {}
