import { percentile } from './load/percentile.ts';

/** What one way costs. */
export interface TurnCosts {
  readonly median: number;
  /** More than the first way, and how many times as much: medians of what each round says. */
  readonly more: number;
  readonly ratio: number;
}

/**
 * What ways cost that are measured one after the other, again and again, so that a machine that becomes slower does so
 * for all of them; none has always the same before it, whose garbage it might collect. They are compared within each round: that tells a twentieth apart on a machine
 * that others use as well, where the medians of all rounds do not. The first rounds are for the compiler of the
 * machine, and not counted.
 *
 * A way is told which turn it has, of all of them.
 */
export async function costsInTurns<Name extends string>(
  ways: Readonly<Record<Name, (turn: number) => Promise<number>>>,
  { warmUps, rounds }: { readonly warmUps: number; readonly rounds: number },
): Promise<Readonly<Record<Name, TurnCosts>>> {
  const names = Object.keys(ways) as Name[];
  const figures = new Map(names.map((name) => [name, [] as number[]]));
  let turn = 0;
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const name of orderOf(names, round)) {
      const cost = await ways[name](turn++);
      if (round >= warmUps) figures.get(name)?.push(cost);
    }
  }
  const [first = []] = figures.values();
  const costs = [...figures].map(([name, each]) => [name, comparedWith(first, each)] as const);
  return Object.fromEntries(costs) as Record<Name, TurnCosts>;
}

/** Each round begins with another one, there and back. */
function orderOf<Name>(names: readonly Name[], round: number): readonly Name[] {
  const first = (round >> 1) % names.length;
  const order = [...names.slice(first), ...names.slice(0, first)];
  return round % 2 === 0 ? order : order.toReversed();
}

/** For people: `35.6 µs CPU, 1.6 more (5 %)`. */
export function told({ median, more, ratio }: TurnCosts): string {
  const percent = (100 * (ratio - 1)).toFixed(0);
  return `${median.toFixed(1)} µs CPU, ${more.toFixed(1)} more (${percent} %)`;
}

function comparedWith(first: readonly number[], costs: readonly number[]): TurnCosts {
  const medianOf = (values: readonly number[]): number => percentile(values, 0.5);
  return {
    median: medianOf(costs),
    more: medianOf(costs.map((cost, round) => cost - (first[round] ?? 0))),
    ratio: medianOf(costs.map((cost, round) => cost / (first[round] ?? 1))),
  };
}
