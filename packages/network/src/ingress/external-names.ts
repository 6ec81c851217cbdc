import type { Clock } from '@fairway/host';
import { isIP } from 'node:net';

/** All addresses of a name. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** How long the addresses of a name are kept, and of how many. */
const keptMs = 5_000;
const namesMax = 1_000;

/** Where names lead to which services are; an address stands for itself. */
export class ExternalNames {
  readonly #lookup: Lookup;
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #kept = new Map<
    string,
    { readonly atMs: number; readonly addresses: Promise<readonly string[]> }
  >();

  constructor({ lookup, clock }: { readonly lookup: Lookup; readonly clock: Clock }) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /** None where the name is not known. */
  async addressesOf(name: string): Promise<readonly string[]> {
    if (isIP(name) !== 0) return [name];
    const nowMs = this.#clock.elapsed();
    const kept = this.#kept.get(name);
    if (kept !== undefined && nowMs - kept.atMs < keptMs) return kept.addresses;
    const addresses = this.#lookup(name).catch(() => []);
    this.#kept.delete(name);
    this.#kept.set(name, { atMs: nowMs, addresses });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > namesMax && oldest !== undefined) this.#kept.delete(oldest);
    return addresses;
  }
}
