import type { Job } from '@fairway/kinds/batch/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** The value of `managedBy` that means this controller. */
const managerName = 'kubernetes.io/job-controller';

/** Nobody else takes care of it. */
export function isManagedHere({ spec }: DeepReadonly<Job>): boolean {
  return (spec?.managedBy ?? managerName) === managerName;
}
