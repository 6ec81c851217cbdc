import { percentile } from './load/percentile.ts';

/**
 * What ways cost that are measured one after the other, again and again, so that a machine that becomes slower does
 * so for all of them: of each the median. The first rounds are for the compiler of the machine, and not counted.
 *
 * A way is told which turn it has, of all of them.
 */
export async function mediansInTurns<Name extends string>(
  ways: Readonly<Record<Name, (turn: number) => Promise<number>>>,
  { warmUps, rounds }: { readonly warmUps: number; readonly rounds: number },
): Promise<Readonly<Record<Name, number>>> {
  const names = Object.keys(ways) as Name[];
  const figures = new Map(names.map((name) => [name, [] as number[]]));
  let turn = 0;
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const [name, costs] of figures) {
      const cost = await ways[name](turn++);
      if (round >= warmUps) costs.push(cost);
    }
  }
  const medians = [...figures].map(([name, costs]) => [name, percentile(costs, 0.5)] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}
