import type { Clock } from '@fairway/host';
import { type KubernetesObject, type ResourceDescriptor, formatMicroTime } from '@fairway/protocol';

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface Lease extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

export const Lease: ResourceDescriptor<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  isNamespaced: true,
};

/**
 * What this process has seen of a lease. Clocks of other machines are not looked at: a lease is over
 * when it has not changed for its duration by the clock of this one.
 */
export class ObservedLease {
  readonly #clock: Clock;
  readonly #identity: string;
  #last: Lease | undefined;
  #changedAtMs = 0;

  constructor(clock: Clock, identity: string) {
    this.#clock = clock;
    this.#identity = identity;
  }

  /** Notes what was read or written; answers who holds it when that is news. */
  observe(lease: Lease): string | undefined {
    const isNew = JSON.stringify(lease.spec) !== JSON.stringify(this.#last?.spec);
    const holder = lease.spec?.holderIdentity ?? '';
    const isOther = holder !== (this.#last?.spec?.holderIdentity ?? '');
    this.#last = lease;
    if (isNew) this.#changedAtMs = this.#clock.elapsed();
    return isOther && holder !== '' ? holder : undefined;
  }

  /** Ours as it was last seen, which can be renewed without reading it; undefined when it is not ours. */
  get held(): Lease | undefined {
    const isOurs = this.#last?.spec?.holderIdentity === this.#identity;
    return isOurs && !this.#isOver() ? this.#last : undefined;
  }

  /** Whether it is ours, or nobody's, or nobody has renewed it. */
  get isFree(): boolean {
    const holder = this.#last?.spec?.holderIdentity ?? '';
    return holder === '' || holder === this.#identity || this.#isOver();
  }

  /** What makes it ours, or ours for longer. */
  specAfter(before: LeaseSpec | undefined, durationMs: number): LeaseSpec {
    const now = formatMicroTime(this.#clock.now());
    const isMine = before?.holderIdentity === this.#identity;
    const transitions = before?.leaseTransitions ?? 0;
    return {
      ...before,
      holderIdentity: this.#identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: isMine ? (before?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: before === undefined || isMine ? transitions : transitions + 1,
    };
  }

  #isOver(): boolean {
    const { leaseDurationSeconds = 0 } = this.#last?.spec ?? {};
    return this.#clock.elapsed() - this.#changedAtMs >= leaseDurationSeconds * 1000;
  }
}
