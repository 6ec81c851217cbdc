import { formatAddress, parseAddress, parseNetwork } from '@fairway/kind-rules/nodes';

/** Who has which address of the networks of nodes. One that was given back is given out again last. */
export class AddressPools {
  readonly #pools = new Map<string, Pool>();
  /** By the uid of the pod. */
  readonly #held = new Map<string, { readonly cidr: string; readonly address: number }>();

  /** An address of a network for a pod, always the same one; undefined when none is left. */
  take(podUid: string, cidr: string): string | undefined {
    const held = this.#held.get(podUid);
    if (held !== undefined) return formatAddress(held.address);
    const pool = this.#pool(cidr);
    const address = pool?.takeNext();
    if (address === undefined) return undefined;
    this.#held.set(podUid, { cidr, address });
    return formatAddress(address);
  }

  /** A pod has this address already. */
  note(podUid: string, cidr: string, text: string): void {
    const address = parseAddress(text);
    if (address === undefined || this.#held.has(podUid)) return;
    if (this.#pool(cidr)?.hold(address) === true) this.#held.set(podUid, { cidr, address });
  }

  /** A pod is over: others may have its address. */
  release(podUid: string): void {
    const held = this.#held.get(podUid);
    if (held === undefined) return;
    this.#held.delete(podUid);
    this.#pools.get(held.cidr)?.release(held.address);
  }

  #pool(cidr: string): Pool | undefined {
    const known = this.#pools.get(cidr);
    if (known !== undefined) return known;
    const range = parseNetwork(cidr);
    if (range === undefined) return undefined;
    const pool = new Pool(range.first, range.count);
    this.#pools.set(cidr, pool);
    return pool;
  }
}

class Pool {
  readonly #first: number;
  readonly #count: number;
  readonly #held = new Set<number>();
  #next = 0;

  constructor(first: number, count: number) {
    this.#first = first;
    this.#count = count;
  }

  takeNext(): number | undefined {
    if (this.#held.size >= this.#count) return undefined;
    for (;;) {
      const address = this.#first + this.#next;
      this.#next = (this.#next + 1) % this.#count;
      if (this.hold(address)) return address;
    }
  }

  /** Whether it is one of this network and was free. */
  hold(address: number): boolean {
    const isWithin = address >= this.#first && address < this.#first + this.#count;
    if (!isWithin || this.#held.has(address)) return false;
    this.#held.add(address);
    return true;
  }

  release(address: number): void {
    this.#held.delete(address);
  }
}
