import { type Client, callWithin, isConflict, isNotFound } from '@fairway/client';
import { type Logger, silentLogger, sleep } from '@fairway/host';
import { type KubernetesObject, type ResourceDescriptor, formatMicroTime } from '@fairway/protocol';

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

/** Somebody else may lead by now. A process that worked as the leader should end. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** Decides who of several does the work. */
export interface LeaderElector {
  /**
   * Waits until this process leads, and calls `lead`, whose signal aborts when that is over. Lets
   * the next one lead when `lead` is done or the signal aborts.
   *
   * Errors: `LeadershipLostError` when another may lead by now; what `lead` throws.
   */
  run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/**
 * An elector for all who name the same Lease, each with an identity of its own. The lease is lost
 * when it could not be renewed in time.
 *
 * Errors: `RangeError` for times that do not go together.
 * Source: coordination/v1 Lease.
 */
export function createLeaderElector(options: LeaderElectionOptions): LeaderElector {
  checkTimes(options);
  return { run: (lead, signal) => runAsLeader(options, lead, signal) };
}

async function runAsLeader(
  options: LeaderElectionOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const election = new Election(options, signal);
  if (!(await election.acquire())) return;
  const over = new AbortController();
  const stop = (): void => over.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const working = (async () => lead(over.signal))().finally(() => over.abort());
  const renewing = election.renewUntilLost(over.signal).then((isLost) => {
    if (isLost) over.abort(new LeadershipLostError('the lease was not renewed in time'));
    return isLost;
  });
  try {
    const [outcome, isLost] = await Promise.all([settled(working), renewing]);
    if (isLost) {
      const { namespace, name } = options.lease;
      throw new LeadershipLostError(
        `${options.identity} does not lead any more: the lease ${namespace}/${name} could not be renewed`,
      );
    }
    if ('error' in outcome && !signal.aborted) throw outcome.error;
  } finally {
    signal.removeEventListener('abort', stop);
    await election.release();
  }
}

async function settled(work: Promise<void>): Promise<{ readonly error?: unknown }> {
  try {
    await work;
    return {};
  } catch (error) {
    return { error };
  }
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

interface Lease extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

const Lease: ResourceDescriptor<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  isNamespaced: true,
};

/** Tries are spread by up to this much of the time between them. */
const retryJitter = 1.2;

function timesOf(options: LeaderElectionOptions) {
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
  return { durationMs: leaseDurationMs, deadlineMs: renewDeadlineMs, periodMs: retryPeriodMs };
}

function checkTimes(options: LeaderElectionOptions): void {
  if (options.identity === '') throw new RangeError('the identity of a leader cannot be empty');
  const { durationMs, deadlineMs, periodMs } = timesOf(options);
  if (durationMs <= deadlineMs || deadlineMs <= periodMs * retryJitter) {
    throw new RangeError(
      `leaseDurationMs (${durationMs}) must be more than renewDeadlineMs (${deadlineMs}), and that more than ${retryJitter} times retryPeriodMs (${periodMs})`,
    );
  }
}

/**
 * What this process knows of a lease. Clocks of other machines are not looked at: a lease is over
 * when it has not changed for its duration by the clock of this one.
 */
class Election {
  readonly #options: LeaderElectionOptions;
  readonly #signal: AbortSignal;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #periodMs: number;
  #observed: Lease | undefined;
  #observedAtMs = 0;

  constructor(options: LeaderElectionOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    const { durationMs, deadlineMs, periodMs } = timesOf(options);
    this.#durationMs = durationMs;
    this.#deadlineMs = deadlineMs;
    this.#periodMs = periodMs;
  }

  /** Tries until this process leads; false when the signal aborts before. */
  async acquire(): Promise<boolean> {
    const { random } = this.#options.client;
    while (!this.#signal.aborted) {
      if (await this.#try()) return true;
      await this.#pause(this.#periodMs * (1 + random.fraction() * retryJitter), this.#signal);
    }
    return false;
  }

  /** Renews until that has failed for too long (true), or the signal aborts (false). */
  async renewUntilLost(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options.client;
    let renewedAtMs = clock.elapsed();
    const leftMs = (): number => renewedAtMs + this.#deadlineMs - clock.elapsed();
    while (!signal.aborted) {
      await this.#pause(Math.min(this.#periodMs, leftMs()), signal);
      if (signal.aborted) return false;
      const triedAtMs = clock.elapsed();
      if (await this.#try(leftMs())) renewedAtMs = triedAtMs;
      else if (leftMs() <= 0) return !signal.aborted;
    }
    return false;
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
    const { client, identity, lease } = this.#options;
    if (this.#isHolder() && !this.#isOver() && this.#observed !== undefined) {
      const renewed = await this.#put(this.#observed, signal).catch(undefinedOnConflict);
      if (renewed !== undefined) return true;
    }
    const stored = await client
      .get(Lease, lease.name, { namespace: lease.namespace, signal })
      .catch(undefinedOnNotFound);
    if (stored === undefined) return this.#create(signal);
    this.#observe(stored);
    const holder = stored.spec?.holderIdentity ?? '';
    if (holder !== '' && holder !== identity && !this.#isOver()) return false;
    return (await this.#put(stored, signal).catch(undefinedOnConflict)) !== undefined;
  }

  async #create(signal: AbortSignal): Promise<true> {
    const { client, lease } = this.#options;
    const spec = this.#specAfter(undefined);
    const created: Lease = { metadata: { ...lease }, spec };
    this.#observe(await client.create(Lease, created, { signal }));
    return true;
  }

  async #put(stored: Lease, signal: AbortSignal): Promise<Lease> {
    const { client, lease } = this.#options;
    const spec = this.#specAfter(stored.spec);
    const { namespace } = lease;
    const put = await client.replace(Lease, { ...stored, spec }, { namespace, signal });
    this.#observe(put);
    return put;
  }

  #specAfter(before: LeaseSpec | undefined): LeaseSpec {
    const { client, identity } = this.#options;
    const now = formatMicroTime(client.clock.now());
    const isMine = before?.holderIdentity === identity;
    const transitions = before?.leaseTransitions ?? 0;
    return {
      ...before,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
      acquireTime: isMine ? (before?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: before === undefined || isMine ? transitions : transitions + 1,
    };
  }

  #observe(lease: Lease): void {
    const isNew = JSON.stringify(lease.spec) !== JSON.stringify(this.#observed?.spec);
    const holder = lease.spec?.holderIdentity ?? '';
    const isOther = holder !== (this.#observed?.spec?.holderIdentity ?? '');
    this.#observed = lease;
    if (isNew) this.#observedAtMs = this.#options.client.clock.elapsed();
    if (isOther && holder !== '') this.#options.onLeader?.(holder);
  }

  #isHolder(): boolean {
    return this.#observed?.spec?.holderIdentity === this.#options.identity;
  }

  #isOver(): boolean {
    const { leaseDurationSeconds = 0 } = this.#observed?.spec ?? {};
    const ageMs = this.#options.client.clock.elapsed() - this.#observedAtMs;
    return ageMs >= leaseDurationSeconds * 1000;
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
