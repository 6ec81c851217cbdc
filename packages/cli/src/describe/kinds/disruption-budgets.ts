import { formatSelector } from '@fairway/kind-rules/shown';
import { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { describerOf } from '../describer.ts';
import { field, lines, section } from '../lines.ts';

/** Describes how many pods may be missing at the same time. */
export const podDisruptionBudget = describerOf<PodDisruptionBudget>({
  resource: PodDisruptionBudget,
  describe: ({ metadata, spec = {}, status = {} }) => {
    const { minAvailable, maxUnavailable, selector } = spec;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Namespace', metadata?.namespace ?? ''),
      minAvailable === undefined
        ? maxUnavailable === undefined
          ? undefined
          : field('Max unavailable', maxUnavailable)
        : field('Min available', minAvailable),
      field('Selector', selector === undefined ? '<unset>' : formatSelector(selector)),
      section(
        'Status',
        [
          field('Allowed disruptions', status.disruptionsAllowed ?? 0),
          field('Current', status.currentHealthy ?? 0),
          field('Desired', status.desiredHealthy ?? 0),
          field('Total', status.expectedPods ?? 0),
        ],
        2,
      ),
    );
  },
});
