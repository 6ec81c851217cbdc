import { type Client, callWithin, isConflict, isNotFound } from '@fairway/client';
import { type Logger, silentLogger, sleep } from '@fairway/host';
import { formatMicroTime } from '@fairway/protocol';
import { Lease, ObservedLease } from './observed-lease.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  /** The Lease that the leader holds. */
  readonly lease: { readonly namespace: string; readonly name: string };
  /** The identity of this process, unique among all candidates. The host name and a UUID, say. */
  readonly identity: string;
  /** How long a lease is valid without being renewed; 15 seconds when absent. */
  readonly leaseDurationMs?: number;
  /** How long a leader tries to renew before it gives up; 10 seconds when absent. */
  readonly renewDeadlineMs?: number;
  /** Between tries; 2 seconds when absent. */
  readonly retryPeriodMs?: number;
  /** Called with the leader's identity whenever it changes. */
  readonly onLeader?: (identity: string) => void;
  readonly logger?: Logger;
}

/** Tries are spread by up to this much of the time between them. */
const retryJitter = 1.2;

function timesOf(options: LeaderElectionOptions) {
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
  return { durationMs: leaseDurationMs, deadlineMs: renewDeadlineMs, periodMs: retryPeriodMs };
}

/** Errors: `RangeError` for times that do not go together. */
export function checkTimes(options: LeaderElectionOptions): void {
  if (options.identity === '') throw new RangeError('the identity of a leader cannot be empty');
  const { durationMs, deadlineMs, periodMs } = timesOf(options);
  if (durationMs <= deadlineMs || deadlineMs <= periodMs * retryJitter) {
    throw new RangeError(
      `leaseDurationMs (${durationMs}) must be more than renewDeadlineMs (${deadlineMs}), and that more than ${retryJitter} times retryPeriodMs (${periodMs})`,
    );
  }
}

/** One run for the lease: to take it, to keep it, to give it back. */
export class Election {
  readonly #options: LeaderElectionOptions;
  readonly #signal: AbortSignal;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #periodMs: number;
  readonly #observed: ObservedLease;
  #renewedAtMs = 0;

  constructor(options: LeaderElectionOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#observed = new ObservedLease(options.client.clock, options.identity);
    const { durationMs, deadlineMs, periodMs } = timesOf(options);
    this.#durationMs = durationMs;
    this.#deadlineMs = deadlineMs;
    this.#periodMs = periodMs;
  }

  /** Tries until this process leads; false when the signal aborts before. */
  async acquire(): Promise<boolean> {
    const { random } = this.#options.client;
    while (!this.#signal.aborted) {
      if (await this.#try()) {
        this.#renewedAtMs = this.#options.client.clock.elapsed();
        return true;
      }
      await this.#pause(this.#periodMs * (1 + random.fraction() * retryJitter), this.#signal);
    }
    return false;
  }

  /** Renews until that has failed for too long (true), or the signal aborts (false). */
  async renewUntilLost(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options.client;
    const leftMs = (): number => this.#deadlineMs - this.unrenewedMs;
    while (!signal.aborted) {
      await this.#pause(Math.min(this.#periodMs, leftMs()), signal);
      if (signal.aborted) return false;
      const triedAtMs = clock.elapsed();
      if (await this.#try(leftMs())) this.#renewedAtMs = triedAtMs;
      else if (leftMs() <= 0) return !signal.aborted;
    }
    return false;
  }

  /** For how long the lease that was taken has not been renewed. */
  get unrenewedMs(): number {
    return this.#options.client.clock.elapsed() - this.#renewedAtMs;
  }

  /** For how long others leave the lease alone that is not renewed. */
  get durationMs(): number {
    return this.#durationMs;
  }

  /** Lets the next one lead without waiting; does nothing when another leads. */
  async release(): Promise<void> {
    const { client, identity, lease } = this.#options;
    const { namespace } = lease;
    try {
      // The signal has aborted, most likely: this is the last that is done.
      const limits = { ...client, timeoutMs: this.#callMs, signal: new AbortController().signal };
      await callWithin(limits, async (signal) => {
        await client.update(
          Lease,
          lease.name,
          (draft) => {
            if (draft.spec?.holderIdentity !== identity) return;
            const now = formatMicroTime(client.clock.now());
            draft.spec.holderIdentity = '';
            draft.spec.leaseDurationSeconds = 1;
            draft.spec.acquireTime = now;
            draft.spec.renewTime = now;
          },
          { namespace, signal },
        );
      });
    } catch (error) {
      this.#log('the lease could not be given back; it will run out', error);
    }
  }

  async #try(leftMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    try {
      const { clock } = this.#options.client;
      const limits = { clock, signal: this.#signal, timeoutMs: Math.min(leftMs, this.#callMs) };
      return await callWithin(limits, (signal) => this.#acquireOrRenew(signal));
    } catch (error) {
      if (!this.#signal.aborted) this.#log('the lease could not be taken or renewed', error);
      return false;
    }
  }

  async #acquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, lease } = this.#options;
    const { held } = this.#observed;
    if (held !== undefined) {
      const renewed = await this.#put(held, signal).catch(undefinedOnConflict);
      if (renewed !== undefined) return true;
    }
    const stored = await client
      .get(Lease, lease.name, { namespace: lease.namespace, signal })
      .catch(undefinedOnNotFound);
    if (stored === undefined) return this.#create(signal);
    this.#observe(stored);
    if (!this.#observed.isFree) return false;
    return (await this.#put(stored, signal).catch(undefinedOnConflict)) !== undefined;
  }

  async #create(signal: AbortSignal): Promise<true> {
    const { client, lease } = this.#options;
    const spec = this.#observed.specAfter(undefined, this.#durationMs);
    const created: Lease = { metadata: { ...lease }, spec };
    this.#observe(await client.create(Lease, created, { signal }));
    return true;
  }

  async #put(stored: Lease, signal: AbortSignal): Promise<Lease> {
    const { client, lease } = this.#options;
    const spec = this.#observed.specAfter(stored.spec, this.#durationMs);
    const { namespace } = lease;
    const put = await client.replace(Lease, { ...stored, spec }, { namespace, signal });
    this.#observe(put);
    return put;
  }

  #observe(lease: Lease): void {
    const leader = this.#observed.observe(lease);
    if (leader !== undefined) this.#options.onLeader?.(leader);
  }

  get #callMs(): number {
    return Math.max(1_000, this.#deadlineMs / 2);
  }

  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(this.#options.client.clock, delayMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #log(message: string, error: unknown): void {
    const { logger = silentLogger, lease, identity } = this.#options;
    logger.warn(message, { lease: `${lease.namespace}/${lease.name}`, identity, error });
  }
}

function undefinedOnConflict(error: unknown): undefined {
  if (isConflict(error)) return undefined;
  throw error;
}

function undefinedOnNotFound(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}
