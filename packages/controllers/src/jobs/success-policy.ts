import type { SuccessPolicy, SuccessPolicyRule } from '@fairway/kinds/batch/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type IndexSet, countIndexes, countShared, parseIndexes } from './index-set.ts';

/**
 * The first rule by which a job has succeeded, by its place; undefined while there is none.
 *
 * Source: KEP-3998, job success policy.
 */
export function metSuccessRule(
  policy: DeepReadonly<SuccessPolicy> | undefined,
  succeeded: IndexSet,
  completions: number,
): number | undefined {
  if (policy === undefined || succeeded.length === 0) return undefined;
  const at = policy.rules.findIndex((rule) => isMet(rule, succeeded, completions));
  return at === -1 ? undefined : at;
}

function isMet(
  { succeededIndexes, succeededCount }: DeepReadonly<SuccessPolicyRule>,
  succeeded: IndexSet,
  completions: number,
): boolean {
  if (succeededIndexes === undefined) {
    return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
  }
  const meant = parseIndexes(succeededIndexes, completions);
  return countShared(meant, succeeded) >= (succeededCount ?? countIndexes(meant));
}
