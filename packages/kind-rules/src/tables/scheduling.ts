import type { RuntimeClass } from '@fairway/kinds/node/v1';
import type { PriorityClass } from '@fairway/kinds/scheduling/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, flag, integer, name, text } from './define-table.ts';

/** Source: kube-apiserver printers, printPriorityClass and printRuntimeClass. */
export const priorityClasses: TableColumns = defineTable<PriorityClass>([
  name,
  integer('Value', 'Priority of its pods; the higher goes first.', ({ value }) => value ?? 0),
  flag('Global-Default', 'Whether pods without a class are of it.', ({ globalDefault }) => {
    return globalDefault ?? false;
  }),
  age,
  text('PreemptionPolicy', 'Whether its pods drive out others.', ({ preemptionPolicy }) => {
    return preemptionPolicy ?? '';
  }),
]);

export const runtimeClasses: TableColumns = defineTable<RuntimeClass>([
  name,
  text('Handler', 'What runs the containers of its pods.', ({ handler }) => handler ?? ''),
  age,
]);
