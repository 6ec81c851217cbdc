import type { Lease } from '@fairway/kinds/coordination/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';

/** Source: kube-apiserver printers, printLease. */
export const leases: TableColumns = defineTable<Lease>([
  name,
  text('Holder', 'Who holds the lease.', ({ spec }) => spec?.holderIdentity ?? ''),
  age,
]);
