/** Where clients reach an ingress now. */
export class ReachedAddresses {
  #now: readonly string[];
  readonly #onChange = new Set<() => void>();

  constructor(now: readonly string[]) {
    this.#now = now;
  }

  get now(): readonly string[] {
    return this.#now;
  }

  set(addresses: readonly string[]): void {
    if (addresses.join() === this.#now.join()) return;
    this.#now = addresses;
    for (const look of this.#onChange) look();
  }

  /** Calls `look` after changes; answers how to stop that. */
  subscribe(look: () => void): () => void {
    this.#onChange.add(look);
    return () => void this.#onChange.delete(look);
  }
}
