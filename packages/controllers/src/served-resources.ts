import { type Client, type DiscoveredResource, createDiscovery } from '@fairway/client';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { type Logger, sleep } from '@fairway/host';
import { apiVersionOf } from '@fairway/protocol';
import type { Informers } from '@fairway/reconcile';

/** A definition is served a moment after it has changed: look twice. */
const looksAfterChangeMs = [100, 2_000];
/** Servers that others have added are noticed this late. */
const lookAnywayMs = 300_000;
const lookAgainMs = 5_000;

/** What the API serves, as it is now: custom resources come and go. It is followed once somebody subscribes. */
export class ServedResources {
  readonly #client: Client;
  readonly #informers: Informers;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  readonly #subscribers = new Set<() => void>();
  readonly #looked = Promise.withResolvers<void>();
  #all: readonly DiscoveredResource[] = [];
  #isFollowed = false;

  /** Until the signal aborts. */
  constructor(parts: {
    readonly client: Client;
    readonly informers: Informers;
    readonly logger: Logger;
    readonly signal: AbortSignal;
  }) {
    this.#client = parts.client;
    this.#informers = parts.informers;
    this.#logger = parts.logger;
    this.#signal = parts.signal;
    this.#signal.addEventListener('abort', () => this.#looked.reject(this.#signal.reason), {
      once: true,
    });
    this.#looked.promise.catch(() => undefined);
  }

  /** Resolves when it is known what is served, which is followed from then on. Errors: the reason of the signal. */
  known(): Promise<void> {
    this.#startFollowing();
    return this.#looked.promise;
  }

  /** Every resource in every version. */
  get all(): readonly DiscoveredResource[] {
    return this.#all;
  }

  /** Every resource once, in the version that the server prefers. */
  get preferred(): readonly DiscoveredResource[] {
    const first = new Map<string, DiscoveredResource>();
    for (const resource of this.#all) {
      const key = `${resource.group}/${resource.plural}`;
      if (!first.has(key)) first.set(key, resource);
    }
    return [...first.values()];
  }

  /** The resource of a kind as an owner reference names it; undefined when there is none. */
  find({
    apiVersion,
    kind,
  }: {
    readonly apiVersion: string;
    readonly kind: string;
  }): DiscoveredResource | undefined {
    return this.#all.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  }

  /** Calls `onLook` when it is known what there is, and whenever that may have changed; answers how to end that. */
  subscribe(onLook: () => void): () => void {
    this.#subscribers.add(onLook);
    if (this.#all.length > 0) onLook();
    this.#startFollowing();
    return () => void this.#subscribers.delete(onLook);
  }

  #startFollowing(): void {
    if (!this.#isFollowed) void this.#follow();
    this.#isFollowed = true;
  }

  async #follow(): Promise<void> {
    const signal = this.#signal;
    let wake = (): void => {};
    let isChanged = false;
    const forget = this.#informers
      .of(CustomResourceDefinition, { as: 'metadata' })
      .subscribe(() => {
        isChanged = true;
        wake();
      });
    const woken = (): Promise<void> => new Promise((resolve) => (wake = resolve));
    try {
      while (!signal.aborted) {
        const hasLooked = await this.#tryToLook(signal);
        if (!isChanged) await this.#pause(hasLooked ? lookAnywayMs : lookAgainMs, signal, woken());
        if (!isChanged) continue;
        isChanged = false;
        for (const delayMs of looksAfterChangeMs) {
          await this.#pause(delayMs, signal);
          await this.#tryToLook(signal);
        }
      }
    } finally {
      forget();
    }
  }

  async #tryToLook(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    try {
      const { resources, unknown } = await createDiscovery(this.#client).survey({ signal });
      // What a server that is away has had it may still have.
      const kept = this.#all.filter((each) =>
        unknown.some(({ group, version }) => group === each.group && version === each.version),
      );
      this.#all = [...resources, ...kept];
    } catch (error) {
      if (!signal.aborted) this.#logger.warn('what the API serves could not be read', { error });
      return false;
    }
    this.#looked.resolve();
    for (const onLook of this.#subscribers) onLook();
    return true;
  }

  async #pause(delayMs: number, signal: AbortSignal, woken?: Promise<void>): Promise<void> {
    const done = new AbortController();
    const over = sleep(this.#client.clock, delayMs, AbortSignal.any([signal, done.signal]));
    await Promise.race([over.catch(() => undefined), ...(woken === undefined ? [] : [woken])]);
    done.abort();
  }
}
