import { formatLabels } from '@fairway/kind-rules/shown';
import { PriorityClass } from '@fairway/kinds/scheduling/v1';
import { describerOf } from '../describer.ts';
import { field } from '../lines.ts';

/** Describes a priority class. */
export const priorityClass = describerOf<PriorityClass>({
  resource: PriorityClass,
  describe: ({ metadata, value, globalDefault, preemptionPolicy, description }) => [
    field('Name', metadata?.name ?? ''),
    field('Value', value ?? 0),
    field('GlobalDefault', globalDefault ?? false),
    field('PreemptionPolicy', preemptionPolicy ?? ''),
    field('Description', description ?? ''),
    field('Annotations', formatLabels(metadata?.annotations)),
  ],
});
