import type { NodeFilter, Plugin, PluginName, Refusal } from '../plugins/plugin.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';

/** The filters that have a say about one pod, ready to look at nodes. */
export interface PodFilters {
  readonly pod: PodFacts;
  readonly all: readonly NamedFilter[];
  /** Only these nodes can pass; undefined: any. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  /** Who says so. */
  readonly namers: readonly PluginName[];
}

interface NamedFilter {
  readonly name: PluginName;
  readonly filter: NodeFilter;
}

/** A refusal, and whose it is. */
export interface NodeRefusal {
  readonly by: PluginName;
  readonly refusal: Refusal;
}

/** Has every plugin look at a pod. */
export function podFilters(
  pod: PodFacts,
  plugins: readonly Plugin[],
  snapshot: ClusterSnapshot,
): PodFilters | { readonly kind: 'pod refused'; readonly by: PluginName; readonly reason: string } {
  const all: NamedFilter[] = [];
  const namers: PluginName[] = [];
  let nodeNames: ReadonlySet<string> | undefined;
  for (const { name, filter: look } of plugins) {
    const filter = look?.(pod, snapshot);
    if (filter === undefined) continue;
    if ('kind' in filter) return { ...filter, by: name };
    all.push({ name, filter });
    if (filter.nodeNames === undefined) continue;
    namers.push(name);
    nodeNames = nodeNames === undefined ? filter.nodeNames : both(nodeNames, filter.nodeNames);
  }
  return { pod, all, nodeNames, namers };
}

/** What the first filter says that has something against a node. */
export function checkNode({ all }: PodFilters, node: NodeState): NodeRefusal | undefined {
  for (const { name, filter } of all) {
    const refusal = filter.check(node);
    if (refusal !== undefined) return { by: name, refusal };
  }
  return undefined;
}

/** Puts pods on a node, or takes them away, in thought: until the opposite is done. */
export function suppose(
  { all }: PodFilters,
  node: NodeState,
  { pods, times }: { readonly pods: Iterable<PodFacts>; readonly times: 1 | -1 },
): void {
  for (const pod of pods) {
    if (times === 1) node.add(pod);
    else node.remove(pod);
    for (const { filter } of all) filter.adjust?.(pod, node, times);
  }
}

/**
 * What is against a node for a pod, where others are meant to come that are no less important: it has to
 * be right with them, and without them, for they may never come.
 */
export function checkNodeWith(
  filters: PodFilters,
  node: NodeState,
  nominated: readonly PodFacts[],
): NodeRefusal | undefined {
  if (nominated.length > 0) {
    suppose(filters, node, { pods: nominated, times: 1 });
    try {
      const refused = checkNode(filters, node);
      if (refused !== undefined) return refused;
    } finally {
      suppose(filters, node, { pods: nominated, times: -1 });
    }
  }
  return checkNode(filters, node);
}

function both(one: ReadonlySet<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...one].filter((name) => other.has(name)));
}
