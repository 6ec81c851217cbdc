import { type Clock, OwnedTimers, type Random, type Timer } from '@fairway/host';
import {
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  isSafe,
  onBodyEnd,
} from '@fairway/protocol';
import { isResendable } from './attempt.ts';
import { discardBody } from './add-credentials.ts';
import { ConnectionError } from './connection-error.ts';
import type { Wire } from './node-transport.ts';

/** Several addresses of one cluster, used as one. */
export interface FailoverOptions {
  readonly wires: readonly Wire[];
  readonly clock: Clock;
  readonly random: Random;
  /** See `TransportOptions`. */
  readonly healthCheckMs?: number | undefined;
}

/** The first look at an address that failed; each further one after twice the time. */
const probeFirstMs = 1_000;
const probeLastMs = 30_000;
/** A look that brings nothing for so long has failed. */
const probeTimeoutMs = 5_000;

interface Address {
  readonly wire: Wire;
  /** Requests that are under way, watches included. */
  busy: number;
  isHealthy: boolean;
  /** The next look at its health. */
  look: Timer | undefined;
}

/**
 * Sends each request to the address that has the least to do. One that cannot be reached is left
 * out until `/readyz` answers there. What was not sent, and what only reads (GET, HEAD, OPTIONS) and got no
 * answer, goes to the next one at once; nothing else is ever sent twice.
 */
export function failover(options: FailoverOptions): Wire {
  const pool = new AddressPool(options);
  return {
    send: (request) => pool.send(request),
    upgrade: (request) => pool.upgrade(request),
    close: () => pool.close(),
  };
}

class AddressPool {
  /** To look after addresses that are away; they end with the client. */
  readonly #timers: OwnedTimers;
  readonly #random: Random;
  readonly #addresses: readonly Address[];
  readonly #closing = new AbortController();

  readonly #healthCheckMs: number | undefined;

  constructor({ wires, clock, random, healthCheckMs }: FailoverOptions) {
    this.#timers = new OwnedTimers(clock);
    this.#random = random;
    this.#addresses = wires.map((wire) => ({ wire, busy: 0, isHealthy: true, look: undefined }));
    this.#healthCheckMs = healthCheckMs;
    for (const address of this.#addresses) this.#checkLater(address);
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    return this.#tryEach(request, async (address) => {
      const response = await address.wire.send(request);
      return onBodyEnd(response, () => (address.busy -= 1));
    });
  }

  upgrade(request: HttpRequest): Promise<UpgradeAnswer> {
    return this.#tryEach(request, async (address) => {
      const answer = await address.wire.upgrade(request);
      if (answer.kind === 'refused') address.busy -= 1;
      else void answer.stream.closed.then(() => (address.busy -= 1));
      return answer;
    });
  }

  close(): void {
    this.#closing.abort();
    this.#timers[Symbol.dispose]();
    for (const { wire } of this.#addresses) wire.close();
  }

  // `send` takes over the count of what it started.
  async #tryEach<Answer>(
    request: HttpRequest,
    send: (address: Address) => Promise<Answer>,
  ): Promise<Answer> {
    const tried = new Set<Address>();
    let failure: unknown;
    for (let address = this.#choose(tried); address !== undefined; address = this.#choose(tried)) {
      tried.add(address);
      address.busy += 1;
      try {
        return await send(address);
      } catch (error) {
        address.busy -= 1;
        if (!(error instanceof ConnectionError) || error.problem === 'closed') throw error;
        if (request.signal.aborted) throw error;
        failure = error;
        this.#setAside(address);
        if (!mayBeRepeated(error, request)) throw error;
      }
    }
    throw failure;
  }

  #choose(tried: ReadonlySet<Address>): Address | undefined {
    const left = this.#addresses.filter((address) => !tried.has(address));
    const healthy = left.filter(({ isHealthy }) => isHealthy);
    // When no address is known to work, the failed ones are tried again: one may be back.
    const candidates = healthy.length > 0 ? healthy : left;
    const least = Math.min(...candidates.map(({ busy }) => busy));
    const idlest = candidates.filter(({ busy }) => busy === least);
    return idlest[Math.floor(this.#random.fraction() * idlest.length)];
  }

  #setAside(address: Address): void {
    if (!address.isHealthy) return;
    address.isHealthy = false;
    this.#lookLater(address, probeFirstMs);
  }

  /** Looks after an address that works. */
  #checkLater(address: Address): void {
    if (this.#healthCheckMs === undefined) return;
    address.look?.cancel();
    address.look = this.#timers.schedule(this.#spread(this.#healthCheckMs), () => {
      void this.#isReady(address).then((isReady) => {
        // A request may have found out meanwhile.
        if (!address.isHealthy) return;
        if (isReady) this.#checkLater(address);
        else this.#setAside(address);
      });
    });
  }

  /** Looks after an address that is away, until it is back. */
  #lookLater(address: Address, delayMs: number): void {
    address.look?.cancel();
    address.look = this.#timers.schedule(this.#spread(delayMs), () => {
      void this.#isReady(address).then((isReady) => {
        address.isHealthy = isReady;
        if (isReady) this.#checkLater(address);
        else this.#lookLater(address, Math.min(delayMs * 2, probeLastMs));
      });
    });
  }

  #spread(delayMs: number): number {
    return delayMs * (0.5 + this.#random.fraction() / 2);
  }

  #isReady(address: Address): Promise<boolean> {
    return this.#probe(address).catch(() => false);
  }

  // Who may not see /readyz learns from the refusal that somebody is there.
  async #probe({ wire }: Address): Promise<boolean> {
    const controller = new AbortController();
    const timer = this.#timers.schedule(probeTimeoutMs, () => controller.abort());
    try {
      const signal = AbortSignal.any([controller.signal, this.#closing.signal]);
      const response = await wire.send(readyRequest(signal));
      await discardBody(response.body);
      return response.status < 500;
    } finally {
      timer.cancel();
    }
  }
}

function readyRequest(signal: AbortSignal): HttpRequest {
  return { method: 'GET', path: '/readyz', query: '', headers: {}, body: undefined, signal };
}

function mayBeRepeated(error: ConnectionError, request: HttpRequest): boolean {
  if (!isResendable(request)) return false;
  return error.isUnsent || (isSafe(request) && request.headers['upgrade'] === undefined);
}
