import { type Clock, OwnedTimers, type Random } from '@fairway/host';
import type { HttpRequest, HttpResponse, UpgradeAnswer } from '@fairway/protocol';
import { isLongRunning, isResendable } from './attempt.ts';
import { discardBody } from './add-credentials.ts';
import { ConnectionError } from './connection-error.ts';
import type { Wire } from './node-transport.ts';

/** Several addresses of one cluster, used as one. */
export interface FailoverOptions {
  readonly wires: readonly Wire[];
  readonly clock: Clock;
  readonly random: Random;
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
}

/**
 * Sends each request to the address that has the least to do. One that cannot be reached is left
 * out until `/readyz` answers there; what may be repeated goes to the next one at once.
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

  constructor({ wires, clock, random }: FailoverOptions) {
    this.#timers = new OwnedTimers(clock);
    this.#random = random;
    this.#addresses = wires.map((wire) => ({ wire, busy: 0, isHealthy: true }));
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    return this.#tryEach(request, async (address) => {
      const response = await address.wire.send(request);
      return { ...response, body: this.#counted(address, response.body) };
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

  #counted(address: Address, body: HttpResponse['body']): HttpResponse['body'] {
    if (body === undefined || body instanceof Uint8Array) {
      address.busy -= 1;
      return body;
    }
    return countedBody(body, address);
  }

  #setAside(address: Address): void {
    if (!address.isHealthy) return;
    address.isHealthy = false;
    this.#scheduleProbe(address, probeFirstMs);
  }

  #scheduleProbe(address: Address, delayMs: number): void {
    const jitteredMs = delayMs * (0.5 + this.#random.fraction() / 2);
    this.#timers.schedule(jitteredMs, () => {
      this.#probe(address).then(
        (isReady) => {
          address.isHealthy = isReady;
          if (!isReady) this.#scheduleProbe(address, Math.min(delayMs * 2, probeLastMs));
        },
        () => this.#scheduleProbe(address, Math.min(delayMs * 2, probeLastMs)),
      );
    });
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

async function* countedBody(
  body: AsyncIterable<Uint8Array>,
  address: Address,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } finally {
    address.busy -= 1;
  }
}

function readyRequest(signal: AbortSignal): HttpRequest {
  return { method: 'GET', path: '/readyz', query: '', headers: {}, body: undefined, signal };
}

function mayBeRepeated(error: ConnectionError, request: HttpRequest): boolean {
  if (!isResendable(request)) return false;
  return error.isUnsent || (request.method === 'GET' && !isLongRunning(request));
}
