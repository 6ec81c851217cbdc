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
  const oldest = oldestOfVersions(updates);
  const owners = new Map(managers.owners);
  const times = new Map(managers.times);
  for (const [apiVersion, gathered] of oldest) {
    // One alone stays who it is.
    if (gathered.length < 2) continue;
    const key = managerKey({ manager, operation: 'Update', apiVersion, subresource: '' });
    const before = owners.get(key)?.fields ?? FieldSet.empty;
    for (const [each] of gathered) owners.delete(each);
    const fields = FieldSet.unionOf([before, ...gathered.map(([, owned]) => owned.fields)]);
    owners.set(key, { fields, apiVersion, isApplied: false });
    times.set(key, managers.times.get(gathered.at(-1)?.[0] ?? ''));
  }
  return { owners, times };
}

type Updates = readonly (readonly [key: string, owned: OwnedFields])[];

/**
 * The oldest managers by their versions: so many that few enough are left when those of each version
 * have become one.
 */
function oldestOfVersions(updates: Updates): ReadonlyMap<string, Updates> {
  const oldest = new Map<string, (readonly [string, OwnedFields])[]>();
  let count = updates.length;
  for (const update of updates) {
    if (count <= updateManagersMax) break;
    const { apiVersion } = update[1];
    const gathered = oldest.get(apiVersion);
    if (gathered === undefined) oldest.set(apiVersion, [update]);
    else {
      gathered.push(update);
      count--;
    }
  }
  return oldest;
}

function order(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
