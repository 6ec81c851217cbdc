import { type AffinityTerm, termMatches } from './affinity-terms.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { addCount } from './counts.ts';
import type { NodeFacts } from './node-facts.ts';
import { NodeState } from './node-state.ts';
import type { PodFacts } from './pod-facts.ts';
import { type NodeCounts, type PodSort, PodTallies } from './pod-tallies.ts';
import { type HeldTerm, TermCounts, type TermUse } from './term-counts.ts';
import { VolumeReservations } from './volume-reservations.ts';
import { zoneByZone } from './zone-order.ts';

/**
 * The cluster as the scheduler knows it, kept up to date change by change. An attempt to schedule a pod
 * runs without a pause, so it reads this itself and needs no copy.
 */
export class ClusterSnapshot {
  readonly objects: ClusterObjects;
  readonly reservations = new VolumeReservations();
  readonly #nodes = new Map<string, NodeState>();
  /** By their keys, with the names of their nodes. */
  readonly #placements = new Map<string, Placement>();
  /** Pods whose node is not known, by its name. */
  readonly #homeless = new Map<string, Set<PodFacts>>();
  readonly #tallies = new PodTallies();
  readonly #terms = new TermCounts();
  /** How many nodes have an image, by its name. */
  readonly #images = new Map<string, number>();
  #ordered: readonly NodeState[] | undefined;

  constructor(objects: ClusterObjects) {
    this.objects = objects;
  }

  /** All nodes, those of different zones in turns. */
  get nodes(): readonly NodeState[] {
    this.#ordered ??= zoneByZone([...this.#nodes.values()]);
    return this.#ordered;
  }

  node(name: string): NodeState | undefined {
    return this.#nodes.get(name);
  }

  /** A node has come, or has changed. */
  setNode(facts: NodeFacts): NodeState {
    const known = this.#nodes.get(facts.name);
    if (known !== undefined) {
      this.#countImages(known.facts, -1);
      if (known.facts.zone !== facts.zone) this.#ordered = undefined;
      known.facts = facts;
      this.#countImages(facts, 1);
      return known;
    }
    const node = new NodeState(facts);
    this.#nodes.set(facts.name, node);
    this.#ordered = undefined;
    this.#countImages(facts, 1);
    const waiting = this.#homeless.get(facts.name) ?? [];
    this.#homeless.delete(facts.name);
    for (const pod of waiting) this.#put(pod, node);
    return node;
  }

  removeNode(name: string): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    const pods = [...node.pods()];
    for (const pod of pods) this.#take(pod, node);
    this.#nodes.delete(name);
    this.#ordered = undefined;
    this.#countImages(node.facts, -1);
    if (pods.length > 0) this.#homeless.set(name, new Set(pods));
  }

  /** Where a pod is, by its key. */
  placementOf(key: string): Placement | undefined {
    return this.#placements.get(key);
  }

  /** A pod is on a node; where it was before, and what was known of it, is forgotten. */
  place(pod: PodFacts, nodeName: string): void {
    this.unplace(pod.key);
    this.#placements.set(pod.key, { pod, nodeName });
    const node = this.#nodes.get(nodeName);
    if (node !== undefined) return this.#put(pod, node);
    const homeless = this.#homeless.get(nodeName) ?? new Set<PodFacts>();
    homeless.add(pod);
    this.#homeless.set(nodeName, homeless);
  }

  /** A pod is gone. */
  unplace(key: string): void {
    const placement = this.#placements.get(key);
    if (placement === undefined) return;
    const { pod, nodeName } = placement;
    this.#placements.delete(key);
    const node = this.#nodes.get(nodeName);
    if (node !== undefined) return this.#take(pod, node);
    const homeless = this.#homeless.get(nodeName);
    homeless?.delete(pod);
    if (homeless?.size === 0) this.#homeless.delete(nodeName);
  }

  /** How many pods of a sort are on each node. */
  countPods(sort: PodSort): NodeCounts {
    return this.#tallies.of(sort, this.#nodes.values());
  }

  /** The terms of one use that pods on nodes have. */
  heldTerms(use: TermUse): Iterable<HeldTerm> {
    return this.#terms.held(use);
  }

  termMatches(term: AffinityTerm, pod: PodFacts): boolean {
    return termMatches(
      term,
      pod,
      (namespace) => this.objects.namespaces.get(namespace)?.metadata?.labels,
    );
  }

  /** Labels of namespaces, which terms may ask for, have changed. */
  forgetNamespaces(): void {
    this.#tallies.clear();
  }

  /** How many nodes have an image. */
  nodesWith(image: string): number {
    return this.#images.get(image) ?? 0;
  }

  get hasImages(): boolean {
    return this.#images.size > 0;
  }

  #put(pod: PodFacts, node: NodeState): void {
    node.add(pod);
    this.#tallies.count(pod, node, 1);
    this.#terms.count(pod, node, 1);
  }

  #take(pod: PodFacts, node: NodeState): void {
    node.remove(pod);
    this.#tallies.count(pod, node, -1);
    this.#terms.count(pod, node, -1);
  }

  #countImages({ images }: NodeFacts, times: 1 | -1): void {
    for (const image of images.keys()) addCount(this.#images, image, times);
  }
}

/** A pod and the node that it is on, or will be. */
export interface Placement {
  readonly pod: PodFacts;
  readonly nodeName: string;
}
