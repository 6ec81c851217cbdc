import { FieldSet } from '@fairway/schema';
import { type Managers, managerKey } from './managed-fields.ts';

/** Managers that have updated an object; the oldest beyond these become one of each version. */
const updateManagersMax = 10;

const manager = 'ancient-changes';

/**
 * Gathers the oldest managers of each version, until few enough are left. The oldest one alone stays who it is, and goes
 * on beside those that were gathered before.
 *
 * Source: kube-apiserver, `capManagersManager`.
 */
export function capManagers(managers: Managers): Managers {
  const updates = [...managers.owners].filter(([, { isApplied }]) => !isApplied);
  if (updates.length <= updateManagersMax) return managers;
  const timeOf = (key: string): string => managers.times.get(key) ?? '';
  updates.sort(([one], [other]) => order(timeOf(one), timeOf(other)) || order(one, other));
  const owners = new Map(managers.owners);
  const times = new Map(managers.times);
  const oldest = new Map<string, string>();
  const gathered = new Map<string, FieldSet[]>();
  let count = updates.length;
  for (const [key, { apiVersion, fields }] of updates) {
    if (count <= updateManagersMax) break;
    const ancient = keyOfGathered(apiVersion);
    const first = oldest.get(apiVersion);
    if (first === undefined || key === ancient) {
      oldest.set(apiVersion, key);
      continue;
    }
    const sets = gathered.get(apiVersion);
    if (sets === undefined) {
      const begun = managers.owners.has(ancient) ? ancient : first;
      gathered.set(apiVersion, [managers.owners.get(begun)?.fields ?? FieldSet.empty, fields]);
      owners.delete(begun);
    } else sets.push(fields);
    owners.delete(key);
    times.set(ancient, managers.times.get(key));
    count--;
  }
  for (const [apiVersion, sets] of gathered) {
    const fields = FieldSet.unionOf(sets);
    owners.set(keyOfGathered(apiVersion), { fields, apiVersion, isApplied: false });
  }
  return { owners, times };
}

function keyOfGathered(apiVersion: string): string {
  return managerKey({ manager, operation: 'Update', apiVersion, subresource: '' });
}

function order(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
