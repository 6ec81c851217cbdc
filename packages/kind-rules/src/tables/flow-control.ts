import type {
  FlowSchema,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '@fairway/kinds/flowcontrol/v1';
import type { TableCell, TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printFlowSchema and printPriorityLevelConfiguration. */
export const flowSchemas: TableColumns = defineTable<FlowSchema>([
  name,
  text('PriorityLevel', 'Priority level of its requests.', ({ spec }) => {
    return spec?.priorityLevelConfiguration?.name ?? '';
  }),
  text('MatchingPrecedence', 'Which schema is asked first: the lowest.', ({ spec }) => {
    return spec?.matchingPrecedence ?? 0;
  }),
  text('DistinguisherMethod', 'What tells its flows apart.', ({ spec }) => {
    return spec?.distinguisherMethod === undefined
      ? '<none>'
      : (spec.distinguisherMethod.type ?? '');
  }),
  age,
  text('MissingPL', 'Whether its priority level does not exist.', ({ status }) => {
    const dangling = status?.conditions?.find((each) => each.type === 'Dangling');
    return dangling === undefined ? '?' : (dangling.status ?? '');
  }),
]);

export const priorityLevelConfigurations: TableColumns = defineTable<PriorityLevelConfiguration>([
  name,
  text('Type', 'Limited, or exempt from limits.', ({ spec }) => spec?.type ?? ''),
  text('NominalConcurrencyShares', 'Its share of the requests served at once.', ({ spec }) => {
    return spec?.limited === undefined ? '<none>' : (spec.limited.nominalConcurrencyShares ?? 0);
  }),
  text('Queues', 'Queues that requests wait in.', (level) => queuing(level, 'queues')),
  text('HandSize', 'Queues that one flow may use.', (level) => queuing(level, 'handSize')),
  text('QueueLengthLimit', 'Requests that may wait in a queue.', (level) => {
    return queuing(level, 'queueLengthLimit');
  }),
  age,
]);

function queuing(
  { spec }: Shown<PriorityLevelConfiguration>,
  field: keyof QueuingConfiguration,
): TableCell {
  const queues = spec?.limited?.limitResponse?.queuing;
  return queues === undefined ? '<none>' : (queues[field] ?? 0);
}
