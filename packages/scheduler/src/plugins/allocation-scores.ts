import { type Amounts, amountOf } from '../snapshot/amounts.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import { scoreMax } from './normalize-scores.ts';
import type { NodeScore, Plugin } from './plugin.ts';

/** A resource that counts, and how much. */
export interface WeighedResource {
  readonly name: string;
  readonly weight: number;
}

/** How good a node is by how much of a resource would be taken of all that it has, from 0 to 100. */
export type UseScore = (taken: number, all: number) => number;

/** Spreads pods: the more is left, the better. */
export const leastAllocated: UseScore = (taken, all) =>
  taken > all ? 0 : Math.floor(((all - taken) * scoreMax) / all);

/** Packs pods: the less is left, the better. */
export const mostAllocated: UseScore = (taken, all) =>
  Math.floor((Math.min(taken, all) * scoreMax) / all);

/** A point of a curve: how good it is when so many hundredths are taken, both from 0 to 100. */
export interface CurvePoint {
  readonly utilization: number;
  readonly score: number;
}

/** By a curve of straight lines. `points`: one at least, ascending. */
export function requestedToCapacity(points: readonly CurvePoint[]): UseScore {
  const at = (utilization: number): number => {
    let before = points[0];
    for (const point of points) {
      if (utilization <= point.utilization) {
        if (before === undefined || before === point) return point.score;
        const share = (utilization - before.utilization) / (point.utilization - before.utilization);
        return Math.trunc(before.score + (point.score - before.score) * share);
      }
      before = point;
    }
    return before?.score ?? 0;
  };
  return (taken, all) => (taken > all ? at(100) : at(Math.trunc((taken * 100) / all)));
}

/** Compares nodes by how much of each resource would be taken, on average. */
export function scoreByUse(
  useScore: UseScore,
  resources: readonly WeighedResource[],
): NonNullable<Plugin['score']> {
  return (pod): NodeScore => {
    const counted = resources.filter(({ name }) => isCounted(pod.requests, name));
    return {
      score: (node) => {
        let sum = 0;
        let weights = 0;
        for (const { name, weight } of counted) {
          const all = amountOf(node.facts.allocatable, name);
          if (all === 0) continue;
          sum += weight * useScore(comparedUse(pod, node, name), all);
          weights += weight;
        }
        return weights === 0 ? 0 : Math.floor(sum / weights);
      },
    };
  };
}

/** Makes the resources of a node run out at the same time. */
export function balancedAllocation(resources: readonly WeighedResource[]): Plugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    score: ({ requests }) => {
      const counted = resources.filter(({ name }) => isCounted(requests, name));
      // Pods that request nothing would all go to one node.
      if (counted.every(({ name }) => amountOf(requests, name) === 0)) return undefined;
      const shares: number[] = [];
      return {
        score: ({ facts, requested }) => {
          let count = 0;
          for (const { name } of counted) {
            const all = amountOf(facts.allocatable, name);
            if (all === 0) continue;
            const taken = amountOf(requested, name) + amountOf(requests, name);
            shares[count++] = Math.min(1, taken / all);
          }
          return Math.floor((1 - deviation(shares, count)) * scoreMax);
        },
      };
    },
  };
}

/** Resources other than these count for pods that request them. */
function isCounted(requests: Amounts, name: string): boolean {
  return name === 'cpu' || name === 'memory' || amountOf(requests, name) > 0;
}

function comparedUse(pod: PodFacts, node: NodeState, name: string): number {
  if (name === 'cpu') return node.comparedCpuMilli + pod.comparedCpuMilli;
  if (name === 'memory') return node.comparedMemoryBytes + pod.comparedMemoryBytes;
  return amountOf(node.requested, name) + amountOf(pod.requests, name);
}

/** The standard deviation of the first `count` numbers. */
function deviation(numbers: readonly number[], count: number): number {
  if (count < 2) return 0;
  let sum = 0;
  for (let at = 0; at < count; at++) sum += numbers[at] ?? 0;
  const mean = sum / count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += ((numbers[at] ?? 0) - mean) ** 2;
  return Math.sqrt(squares / count);
}
