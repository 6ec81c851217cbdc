import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Source: kube-aggregator, APIService REST storage, ConvertToTable. */
export const apiServices: TableColumns = defineTable<APIService>([
  name,
  text('Service', 'Service that serves the group version.', ({ spec }) => {
    if (spec?.service === undefined) return 'Local';
    return `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}`;
  }),
  text('Available', 'Whether it can be reached, or why not.', availability),
  age,
]);

/** `True`, `False (MissingEndpoints)` */
function availability({ status }: Shown<APIService>): string {
  const available = status?.conditions?.find((each) => each.type === 'Available');
  if (available === undefined) return 'Unknown';
  const { status: state = '', reason } = available;
  return state === 'True' || !reason ? state : `${state} (${reason})`;
}
