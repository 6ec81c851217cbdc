import type { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { NetworkRange } from './network-range.ts';

/** Which node has which network of a range for its pods. */
export class HeldNetworks {
  readonly #range: NetworkRange;
  readonly #byNode = new Map<string, number>();
  readonly #held = new Set<number>();

  constructor(range: NetworkRange) {
    this.#range = range;
  }

  /** A node has this network already. */
  note({ metadata, spec }: DeepReadonly<Node>): void {
    const index = this.#range.indexOf(spec?.podCIDR ?? '');
    const { name = '' } = metadata ?? {};
    if (index !== undefined && !this.#byNode.has(name)) this.#hold(name, index);
  }

  /** The number of a node's network, or of the first that nobody has; undefined when none is left. */
  take(node: string): number | undefined {
    const known = this.#byNode.get(node);
    if (known !== undefined) return known;
    for (let index = 0; index < this.#range.count; index++) {
      if (!this.#held.has(index)) return this.#hold(node, index);
    }
    return undefined;
  }

  release(node: string): void {
    const index = this.#byNode.get(node);
    if (index === undefined) return;
    this.#byNode.delete(node);
    this.#held.delete(index);
  }

  #hold(node: string, index: number): number {
    this.#byNode.set(node, index);
    this.#held.add(index);
    return index;
  }
}
