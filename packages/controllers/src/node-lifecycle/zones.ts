import { labelsOf } from '@fairway/protocol';
import type { AnyNode } from './node-conditions.ts';

/** Nodes a second that are emptied in a zone. */
const nodesPerSecond = 0.1;
/** The same where most of a large zone does not answer, which may be the fault of the network. */
const nodesPerSecondInTrouble = 0.01;
const largeZoneNodes = 50;
/** From this share on, a zone is in trouble. */
const troubledShare = 0.55;

type ZoneState = 'normal' | 'partial' | 'full';

interface Zone {
  /** Whether each of its nodes is ready. */
  readonly nodes: Map<string, boolean>;
  lastEmptiedMs: number;
}

/**
 * Decides how fast nodes that do not answer are emptied: one after the other, and not at all while none answers
 * anywhere, when it is more likely that we are cut off.
 *
 * Source: Kubernetes documentation, nodes, "Rate limits on eviction".
 */
export class Zones {
  readonly #zones = new Map<string, Zone>();
  readonly #zoneOf = new Map<string, string>();

  /** Takes in how a node is. */
  note(node: AnyNode, isReady: boolean): void {
    const name = node.metadata?.name ?? '';
    const labels = labelsOf(node);
    const isCounted = labels['node.kubernetes.io/exclude-disruption'] === undefined;
    const key = zoneKey(labels);
    if (this.#zoneOf.get(name) !== key || !isCounted) this.forget(name);
    const zone: Zone = this.#zones.get(key) ?? {
      nodes: new Map(),
      lastEmptiedMs: Number.NEGATIVE_INFINITY,
    };
    this.#zones.set(key, zone);
    this.#zoneOf.set(name, key);
    if (isCounted) zone.nodes.set(name, isReady);
  }

  forget(name: string): void {
    const key = this.#zoneOf.get(name);
    if (key === undefined) return;
    this.#zoneOf.delete(name);
    this.#zones.get(key)?.nodes.delete(name);
  }

  /** No node answers anywhere. */
  get areAllDown(): boolean {
    const counted = [...this.#zones.values()].filter(({ nodes }) => nodes.size > 0);
    return counted.length > 0 && counted.every((zone) => stateOf(zone) === 'full');
  }

  /** Whether a node that is not ready may be emptied now; whoever is told so does it. */
  mayEmpty(name: string, elapsedMs: number): boolean {
    const zone = this.#zones.get(this.#zoneOf.get(name) ?? '');
    if (zone === undefined || this.areAllDown) return false;
    const rate = rateOf(zone);
    if (rate === 0 || elapsedMs - zone.lastEmptiedMs < 1_000 / rate) return false;
    zone.lastEmptiedMs = elapsedMs;
    return true;
  }
}

function zoneKey(labels: Readonly<Record<string, string>>): string {
  const [region = '', zone = ''] = ['region', 'zone'].map(
    (each) => labels[`topology.kubernetes.io/${each}`],
  );
  return `${region}\0${zone}`;
}

function rateOf(zone: Zone): number {
  if (stateOf(zone) !== 'partial') return nodesPerSecond;
  return zone.nodes.size > largeZoneNodes ? nodesPerSecondInTrouble : 0;
}

function stateOf({ nodes }: Zone): ZoneState {
  let downCount = 0;
  for (const isReady of nodes.values()) if (!isReady) downCount++;
  if (downCount > 0 && downCount === nodes.size) return 'full';
  return downCount > 2 && downCount / nodes.size >= troubledShare ? 'partial' : 'normal';
}
