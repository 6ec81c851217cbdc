import type { Victims } from './find-victims.ts';

/**
 * The least harm: where the fewest budgets are violated, then where the most important victim is least
 * important, then where the victims are least important together, then the fewest, then where the most
 * important ones have run the shortest.
 *
 * Source: Kubernetes documentation, pod priority and preemption.
 */
export function chooseVictims(candidates: readonly Victims[]): Victims | undefined {
  let left = candidates;
  for (const cost of costs) {
    if (left.length <= 1) break;
    const all = left.map(cost);
    const least = Math.min(...all);
    left = left.filter((_, at) => all[at] === least);
  }
  return left[0];
}

/** Makes every priority count for something: also a negative one is a victim more. */
const priorityOffset = 2 ** 31;

const costs: readonly ((victims: Victims) => number)[] = [
  ({ violations }) => violations,
  ({ pods }) => pods[0]?.priority ?? Number.NEGATIVE_INFINITY,
  ({ pods }) => pods.reduce((sum, { priority }) => sum + priority + priorityOffset, 0),
  ({ pods }) => pods.length,
  (victims) => -earliestStart(victims),
];

/** When the first of its most important victims began to run. */
function earliestStart({ pods }: Victims): number {
  const highest = pods[0]?.priority;
  const starts = pods.filter(({ priority }) => priority === highest).map((pod) => pod.startedAtMs);
  return Math.min(...starts);
}
