import type { Job } from '@fairway/kinds/batch/v1';
import { type DeepReadonly, type LabelSelector, parseLabelSelectorObject } from '@fairway/protocol';
import { managerName } from './job-names.ts';

/** Nobody else takes care of it. */
export function isManagedHere({ spec }: DeepReadonly<Job>): boolean {
  return (spec?.managedBy ?? managerName) === managerName;
}

/** Its pods. */
export function selectorOf({ spec }: DeepReadonly<Job>): LabelSelector {
  return parseLabelSelectorObject(spec?.selector ?? {});
}
