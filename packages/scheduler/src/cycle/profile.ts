import type { Plugin } from '../plugins/plugin.ts';

/** One way to schedule, for the pods that name it. */
export interface Profile {
  /** What pods name in `schedulerName`, and events as who says them. */
  readonly schedulerName: string;
  /** In the order in which they filter: the first that refuses a node is told of. */
  readonly plugins: readonly Plugin[];
  /** How much the score of a plugin counts; one that is absent does not score. */
  readonly weights: ReadonlyMap<string, number>;
  /** Of how many nodes the best is looked for; 0: of half of them, or less where there are many. */
  readonly percentageOfNodesToScore: number;
}
