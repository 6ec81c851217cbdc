import type { Namespace, ResourceQuota } from '@fairway/kinds/core/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';
import { formatAmount } from './format-amount.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printNamespace and printResourceQuota. */
export const namespaces: TableColumns = defineTable<Namespace>([
  name,
  text('Status', 'Whether the namespace is in use or going away.', ({ status }) => {
    return status?.phase ?? '';
  }),
  age,
]);

export const resourceQuotas: TableColumns = defineTable<ResourceQuota>([
  name,
  text('Request', 'Used and allowed amounts, except limits.', (quota) => {
    return amounts(quota, (resource) => !isLimit(resource));
  }),
  text('Limit', 'Used and allowed amounts of limits.', (quota) => amounts(quota, isLimit)),
  age,
]);

/** `cpu: 1/2, memory: 0/1Gi` */
function amounts({ status }: Shown<ResourceQuota>, isShown: (resource: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  return Object.keys(hard)
    .filter(isShown)
    .sort()
    .map((each) => `${each}: ${formatAmount(used[each])}/${formatAmount(hard[each])}`)
    .join(', ');
}

function isLimit(resource: string): boolean {
  return resource.startsWith('limits.');
}
