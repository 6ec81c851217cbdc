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

/** What the API serves, as it is now: custom resources come and go. */
export class ServedResources {
  readonly #client: Client;
  readonly #logger: Logger;
  #all: readonly DiscoveredResource[] = [];

  constructor({ client, logger }: { readonly client: Client; readonly logger: Logger }) {
    this.#client = client;
    this.#logger = logger;
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

  /** Looks now. */
  async look(signal: AbortSignal): Promise<void> {
    this.#all = await createDiscovery(this.#client).resources({ signal });
  }

  /** Calls `onLook` with what there is now, and whenever that may have changed, until the end. */
  async follow(informers: Informers, signal: AbortSignal, onLook: () => void): Promise<void> {
    let wake = (): void => {};
    let isChanged = false;
    const forget = informers.of(CustomResourceDefinition, { as: 'metadata' }).subscribe(() => {
      isChanged = true;
      wake();
    });
    const woken = (): Promise<void> => new Promise((resolve) => (wake = resolve));
    try {
      while (!signal.aborted) {
        const hasLooked = await this.#tryToLook(signal);
        if (hasLooked) onLook();
        if (!isChanged) await this.#pause(hasLooked ? lookAnywayMs : lookAgainMs, signal, woken());
        if (!isChanged) continue;
        isChanged = false;
        for (const delayMs of looksAfterChangeMs) {
          await this.#pause(delayMs, signal);
          if (await this.#tryToLook(signal)) onLook();
        }
      }
    } finally {
      forget();
    }
  }

  async #tryToLook(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    try {
      await this.look(signal);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#logger.warn('what the API serves could not be read', { error });
      return false;
    }
  }

  async #pause(delayMs: number, signal: AbortSignal, woken?: Promise<void>): Promise<void> {
    const done = new AbortController();
    const over = sleep(this.#client.clock, delayMs, AbortSignal.any([signal, done.signal]));
    await Promise.race([over.catch(() => undefined), ...(woken === undefined ? [] : [woken])]);
    done.abort();
  }
}
