import type { Clock, Random } from '@fairway/host';
import { type Client, createClient } from './client.ts';
import { fetchTransport } from './transport/fetch-transport.ts';

export { fetchTransport };

/** Time as a browser has it. */
export const browserClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, run) {
    // Beyond this, a browser would run it at once.
    const timer = setTimeout(run, Math.min(delayMs, 2 ** 31 - 1));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Chance as a browser has it. */
export const browserRandom: Random = {
  fraction: () => Math.random(),
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  uuid: () => crypto.randomUUID(),
};

/**
 * Makes a client over `fetch`.
 *
 * `server`: where an API answers that needs no more than the browser sends by itself, such as a
 * Fairway proxy: a URL, or a path on the page's own server.
 */
export function connectByFetch(options: {
  readonly server: string;
  readonly namespace?: string;
  readonly fieldManager?: string;
}): Client {
  const { server, ...client } = options;
  // A browser refuses a fetch that was taken off its window.
  const fetch: typeof globalThis.fetch = (...call) => globalThis.fetch(...call);
  return createClient({
    ...client,
    transport: fetchTransport({ server, fetch }),
    clock: browserClock,
    random: browserRandom,
  });
}
