import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, integer, name, text } from './define-table.ts';

/** Source: kube-apiserver printers, printPodDisruptionBudget. */
export const podDisruptionBudgets: TableColumns = defineTable<PodDisruptionBudget>([
  name,
  text('Min Available', 'Pods that must stay.', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
  text('Max Unavailable', 'Pods that may be missing.', ({ spec }) => {
    return String(spec?.maxUnavailable ?? 'N/A');
  }),
  integer('Allowed Disruptions', 'Pods that may be evicted now.', ({ status }) => {
    return status?.disruptionsAllowed ?? 0;
  }),
  age,
]);
