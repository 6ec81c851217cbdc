import { FieldSet, type OwnedFields } from '@fairway/schema';
import { type Managers, managerKey } from './managed-fields.ts';

/** Managers that have updated an object; the oldest beyond these become one of each version. */
const updateManagersMax = 10;

const manager = 'ancient-changes';

/** Source: kube-apiserver, `capManagersManager`. */
export function capManagers(managers: Managers): Managers {
  const updates = [...managers.owners].filter(([, { isApplied }]) => !isApplied);
  if (updates.length <= updateManagersMax) return managers;
  const timeOf = (key: string): string => managers.times.get(key) ?? '';
  updates.sort(([one], [other]) => order(timeOf(one), timeOf(other)) || order(one, other));
  const owners = new Map(managers.owners);
  const times = new Map(managers.times);
  const firstOf = new Map<string, string>();
  let count = updates.length;
  for (const [key, owned] of updates) {
    if (count <= updateManagersMax) break;
    const { apiVersion } = owned;
    const first = firstOf.get(apiVersion);
    if (first === undefined) {
      firstOf.set(apiVersion, key);
      continue;
    }
    const bucket = managerKey({ manager, operation: 'Update', apiVersion, subresource: '' });
    const gathered = owners.get(bucket) ?? (owners.get(first) as OwnedFields);
    if (!owners.has(bucket)) owners.delete(first);
    owners.delete(key);
    const fields = owned.fields.union(gathered.fields ?? FieldSet.empty);
    owners.set(bucket, { ...owned, fields });
    times.set(bucket, timeOf(key));
    count--;
  }
  return { owners, times };
}

function order(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
