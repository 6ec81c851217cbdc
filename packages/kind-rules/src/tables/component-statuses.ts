import type { ComponentStatus } from '@fairway/kinds/core/v1';
import type { TableColumns } from '../table-columns.ts';
import { defineTable, name, text } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printComponentStatus. */
export const componentStatuses: TableColumns = defineTable<ComponentStatus>([
  name,
  text('Status', 'Whether the component is healthy.', (component) => {
    const health = healthOf(component);
    if (health === undefined) return 'Unknown';
    return health.status === 'True' ? 'Healthy' : 'Unhealthy';
  }),
  text('Message', 'What it says of its health.', (component) => healthOf(component)?.message ?? ''),
  text('Error', 'What went wrong.', (component) => healthOf(component)?.error ?? ''),
]);

function healthOf({ conditions = [] }: Shown<ComponentStatus>) {
  return conditions.find((each) => each.type === 'Healthy');
}
