import { type Amounts, amountOf, areSameAmounts } from '../snapshot/amounts.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { Plugin, Refusal } from './plugin.ts';

/** Puts pods on nodes that have what they request. */
export function nodeResourcesFit({ score }: Pick<Plugin, 'score'>): Plugin {
  return {
    name: 'NodeResourcesFit',
    filter: ({ requests }) => {
      const refusals = new Refusals(requests);
      return { check: (node) => (fits(requests, node) ? undefined : refusals.of(node)) };
    },
    ...(score === undefined ? {} : { score }),
    mayHelp: (event, pod, snapshot) => {
      switch (event.kind) {
        case 'node added':
        case 'node updated':
          return mayFit(pod, event.node);
        case 'pod gone':
          return event.node !== undefined && mayFit(pod, event.node);
        case 'pod updated': {
          if (areSameAmounts(event.before.requests, event.pod.requests)) return false;
          const placement = snapshot.placementOf(event.pod.key);
          const node = placement === undefined ? undefined : snapshot.node(placement.nodeName);
          return node !== undefined && mayFit(pod, node);
        }
        default:
          return false;
      }
    },
  };
}

function fits(requests: Amounts, { facts, requested, podCount }: NodeState): boolean {
  const { allocatable } = facts;
  if (podCount >= facts.podsMax) return false;
  // What is not requested may be used up beyond what there is.
  if (requests.cpuMilli > 0 && requested.cpuMilli + requests.cpuMilli > allocatable.cpuMilli) {
    return false;
  }
  if (
    requests.memoryBytes > 0 &&
    requested.memoryBytes + requests.memoryBytes > allocatable.memoryBytes
  ) {
    return false;
  }
  if (
    requests.ephemeralStorageBytes > 0 &&
    requested.ephemeralStorageBytes + requests.ephemeralStorageBytes >
      allocatable.ephemeralStorageBytes
  ) {
    return false;
  }
  if (requests.others.size === 0) return true;
  for (const [name, amount] of requests.others) {
    if (amountOf(requested, name) + amount > amountOf(allocatable, name)) return false;
  }
  return true;
}

/**
 * Whether the pod would fit now, or when less important ones leave: an event about the node is worth
 * another attempt.
 */
function mayFit(pod: PodFacts, node: NodeState): boolean {
  if (fits(pod.requests, node)) return true;
  for (const other of node.pods()) if (other.priority < pod.priority) return true;
  return false;
}

/** Says what is missing, in one object for all nodes that miss the same. */
class Refusals {
  readonly #requests: Amounts;
  readonly #names: readonly string[];
  readonly #known = new Map<string, Refusal>();

  constructor(requests: Amounts) {
    this.#requests = requests;
    const { others } = requests;
    this.#names = ['cpu', 'memory', 'ephemeral-storage', ...others.keys()].filter(
      (name) => amountOf(requests, name) > 0,
    );
  }

  of({ facts, requested, podCount }: NodeState): Refusal {
    const { allocatable } = facts;
    let key = podCount >= facts.podsMax ? 'pods' : '';
    let isLasting = false;
    for (const name of this.#names) {
      const wanted = amountOf(this.#requests, name);
      const all = amountOf(allocatable, name);
      if (amountOf(requested, name) + wanted <= all) continue;
      key += `,${name}`;
      // The node is too small, even when it is empty.
      if (wanted > all) isLasting = true;
    }
    const full = isLasting ? `${key}!` : key;
    const known = this.#known.get(full);
    if (known !== undefined) return known;
    const refusal = { reasons: key.split(',').filter(Boolean).map(reasonOf), isLasting };
    this.#known.set(full, refusal);
    return refusal;
  }
}

function reasonOf(resource: string): string {
  return resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`;
}
