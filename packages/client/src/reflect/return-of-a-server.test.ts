import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import type { Handler, HttpRequest, HttpResponse, ResourceDescriptor } from '@fairway/protocol';
import { createClient } from '../client.ts';
import { ConnectionError } from '../transport/connection-error.ts';

const Pod: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};
for (const [clientCount, answer] of [
  [1_000, 'nobody'],
  [100, 'a proxy’s 503'],
] as const) {
  test(`${clientCount} reflections have a server’s changes within 10 s of its return from ${answer}`, async () => {
    const server = new RestartingServer(answer);
    const followed = followers(server, clientCount);
    await settle();
    assert.equal(followed.versions.filter((version) => version === '5').length, clientCount);

    const awayMs = 5_000;
    server.stop();
    await server.clock.advance(awayMs);
    server.start({ version: 6 });
    await server.clock.advance(10_000);

    const late = followed.versions.filter((version) => version !== '6').length;
    assert.equal(late, 0, `${late} of ${clientCount} have not heard of the change`);
    assert.ok(
      server.peakPer100Ms <= 20 + clientCount / 8,
      `${server.peakPer100Ms} requests in 100 ms`,
    );
    assert.equal(server.lists, clientCount, 'nobody lists anew: what they know still holds');
    await followed.stop();
  });
}

interface Followers {
  /** What each of the clients knows. */
  readonly versions: string[];
  stop(): Promise<void>;
}

function followers(server: RestartingServer, clientCount: number): Followers {
  const stopping = new AbortController();
  const versions = Array.from({ length: clientCount }, () => '');
  const ends = versions.map(async (_, at) => {
    const client = createClient({
      transport: server.transport,
      clock: server.clock,
      random: seededRandom(at + 1),
    });
    for await (const event of client.reflect(Pod, { signal: stopping.signal })) {
      if (event.type === 'InitDone') versions[at] = event.resourceVersion;
      else if (event.type === 'Apply') versions[at] = event.object.metadata?.resourceVersion ?? '';
    }
  });
  return {
    versions,
    async stop() {
      stopping.abort();
      await Promise.all(ends);
    },
  };
}

/** One collection, whose watches it cuts when it stops, and goes on with when it is back. */
class RestartingServer {
  readonly clock = new ManualClock();
  readonly #absence: 'nobody' | 'a proxy’s 503';
  readonly #requestsBySlot = new Map<number, number>();
  #version = 5;
  #running = new AbortController();
  lists = 0;

  constructor(absence: 'nobody' | 'a proxy’s 503') {
    this.#absence = absence;
  }

  /** The most requests in 100 ms since the first stop. */
  get peakPer100Ms(): number {
    return Math.max(...this.#requestsBySlot.values());
  }

  stop(): void {
    this.#requestsBySlot.clear();
    this.#running.abort();
  }

  start({ version }: { readonly version: number }): void {
    this.#version = version;
    this.#running = new AbortController();
  }

  readonly transport: Handler = async (request) => {
    const slot = Math.floor(this.clock.elapsed() / 100);
    this.#requestsBySlot.set(slot, (this.#requestsBySlot.get(slot) ?? 0) + 1);
    if (!this.#running.signal.aborted) return this.#watch(request);
    if (this.#absence !== 'nobody') return { status: 503, headers: {}, body: undefined };
    throw new ConnectionError({ problem: 'refused', message: 'nobody listens', isUnsent: true });
  };

  #watch({ query, signal }: HttpRequest): HttpResponse {
    const isList = query.includes('sendInitialEvents=true');
    if (isList) this.lists += 1;
    const first = isList ? initialEnd(this.#version) : modified(this.#version);
    return { status: 200, headers: {}, body: sendUntilCut(first, this.#running.signal, signal) };
  }
}

async function* sendUntilCut(
  first: string,
  stopped: AbortSignal,
  left: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(first);
  await new Promise((resolve) => {
    stopped.addEventListener('abort', resolve, { once: true });
    left.addEventListener('abort', resolve, { once: true });
  });
  if (!left.aborted) throw new ConnectionError({ problem: 'reset', message: 'cut' });
}

function initialEnd(version: number): string {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return frame('BOOKMARK', { metadata: { resourceVersion: String(version), annotations } });
}

function modified(version: number): string {
  return frame('MODIFIED', { metadata: { name: 'a', resourceVersion: String(version) } });
}

function frame(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}
