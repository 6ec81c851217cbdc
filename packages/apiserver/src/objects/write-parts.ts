import type { Authorizer } from '@fairway/access';
import type { Random } from '@fairway/host';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import type { Store } from '@fairway/store';
import type { AdmissionSteps } from '../admission/admission-chain.ts';
import type { Allocators } from '../allocators/allocator.ts';
import type { ShowParts } from '../calls/call.ts';
import type { VersionParts } from '../ownership/write-scope.ts';
import type { BodyParts } from '../content/read-object-body.ts';

/** To change what is stored. */
export interface WriteParts extends ShowParts, BodyParts, VersionParts {
  readonly store: Store;
  /** Whether what a key holds is to be written again, though it is the same. */
  readonly isStale: (key: string) => boolean;
  readonly schemas: BuiltInSchemas;
  readonly admission: AdmissionSteps;
  readonly allocators: Allocators;
  /** Asked again where an update creates an object. */
  readonly authorizer: Authorizer;
  readonly random: Random;
}
