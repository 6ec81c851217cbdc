import type { NodeState } from './node-state.ts';

/** One node of each zone in turn, so that whoever looks at a part of them looks at all zones. */
export function zoneByZone(nodes: readonly NodeState[]): readonly NodeState[] {
  const zones = new Map<string, NodeState[]>();
  for (const node of nodes) {
    const { zone } = node.facts;
    const members = zones.get(zone);
    if (members === undefined) zones.set(zone, [node]);
    else members.push(node);
  }
  const ordered: NodeState[] = [];
  for (let at = 0; ordered.length < nodes.length; at++) {
    for (const members of zones.values()) {
      const node = members[at];
      if (node !== undefined) ordered.push(node);
    }
  }
  return ordered;
}
