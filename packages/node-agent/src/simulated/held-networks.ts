import type { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { networkIndex, networksMax } from './node-networks.ts';

/** Which node has which network for its pods. */
export class HeldNetworks {
  readonly #byNode = new Map<string, number>();
  readonly #held = new Set<number>();

  /** A node has this network already. */
  note({ metadata, spec }: DeepReadonly<Node>): void {
    const index = networkIndex(spec?.podCIDR ?? '');
    const { name = '' } = metadata ?? {};
    if (index !== undefined && !this.#byNode.has(name)) this.#hold(name, index);
  }

  /** The network of a node, or the first that nobody has. Errors: `RangeError` when none is left. */
  take(node: string): number {
    const known = this.#byNode.get(node);
    if (known !== undefined) return known;
    for (let index = 0; index < networksMax; index++) {
      if (!this.#held.has(index)) return this.#hold(node, index);
    }
    throw new RangeError(`no network is left for the pods of node ${node}`);
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
