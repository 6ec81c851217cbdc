import type { Scale } from '@fairway/kinds/autoscaling/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, integer, name } from './define-table.ts';

/** How the scale of any resource looks. Source: kube-apiserver printers, printScale. */
export const scales: TableColumns = defineTable<Scale>([
  name,
  integer('Desired', 'How many replicas there shall be.', ({ spec }) => spec?.replicas ?? 0),
  integer('Available', 'How many replicas there are.', ({ status }) => status?.replicas ?? 0),
  age,
]);
