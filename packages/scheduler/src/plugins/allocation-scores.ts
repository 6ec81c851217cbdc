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

/** Spreads pods: the more is left of each resource, on average, the better. */
export function leastAllocated(
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
          const left = Math.max(0, all - comparedUse(pod, node, name));
          sum += weight * Math.floor((left * scoreMax) / all);
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
