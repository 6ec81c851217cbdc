import assert from 'node:assert/strict';
import { type Fault, type FaultyHandler, withFaults } from '@fairway/client/testing';
import { createClient } from '@fairway/client';
import type { Random } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import { type Informer, createInformer } from '../src/cache/informer.ts';
import type { Change } from '../src/cache/object-cache.ts';
import { admin } from '@fairway/apiserver/testing';
import { ConfigMap, type TestCluster } from './test-cluster.ts';

/** One informer, what goes wrong for it, and what changes meanwhile. */
export class FaultSchedule {
  readonly seed: number;
  readonly #cluster: TestCluster;
  readonly #random: Random;
  readonly #faulty: FaultyHandler;
  readonly #informer: Informer<ConfigMap>;
  readonly #stopping = new AbortController();
  readonly #order = new ChangeOrder();
  readonly #names = new Set<string>();
  readonly faults: readonly Fault[];
  #writes = 0;

  constructor(cluster: TestCluster, seed: number) {
    this.seed = seed;
    this.#cluster = cluster;
    this.#random = seededRandom(seed);
    const { clock, api } = cluster.server;
    const count = 1 + this.#below(6);
    this.faults = Array.from({ length: count }, () => this.#randomFault());
    this.#faulty = withFaults(api.handlerFor(admin), { faults: this.faults, clock });
    const client = createClient({ transport: this.#faulty.handler, clock, random: this.#random });
    const { namespace } = this;
    this.#informer = createInformer(client, ConfigMap, {
      namespace,
      signal: this.#stopping.signal,
    });
    this.#informer.subscribe((change) => this.#order.check(change));
  }

  get namespace(): string {
    return `chaos-${this.seed}`;
  }

  get remainingFaults(): number {
    return this.#faulty.remaining();
  }

  /** Creates, changes or deletes something. */
  async write(): Promise<void> {
    const { client } = this.#cluster;
    const { namespace } = this;
    const name = `o${this.#below(6)}`;
    const data = { write: String(++this.#writes) };
    if (!this.#names.has(name)) {
      this.#names.add(name);
      await client.create(ConfigMap, { metadata: { name, namespace }, data });
    } else if (this.#below(2) === 0) {
      this.#names.delete(name);
      await client.delete(ConfigMap, name, { namespace });
    } else await client.patch(ConfigMap, name, { merge: { data } }, { namespace });
  }

  /** Undefined when the cache holds what the server holds. */
  async difference(): Promise<string | undefined> {
    const { namespace } = this;
    const { items } = await this.#cluster.client.list(ConfigMap, { namespace }).all();
    const server = items.map(describe).sort().join(' ');
    const cache = [...this.#informer.objects()].map(describe).sort().join(' ');
    const told = this.#order.state().sort().join(' ');
    if (server !== cache) return `the server has ${server}, the cache ${cache}`;
    return told === cache ? undefined : `the cache has ${cache}, its subscriber was told ${told}`;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#informer.ended;
  }

  #randomFault(): Fault {
    const afterEvents = this.#below(5);
    const times = 1 + this.#below(3);
    const hows = ['end', 'reset', 'mid-frame', 'half-open'] as const;
    const faults: readonly (() => Fault)[] = [
      () => ({ kind: 'refuse', code: this.#of([429, 500, 503, 403]), times }),
      () => ({ kind: 'refuse', code: this.#of([410, 504]), times }),
      () => ({ kind: 'unreachable', times }),
      () => ({ kind: 'swallow' }),
      () => ({ kind: 'delay', delayMs: this.#below(20_000) }),
      () => ({ kind: 'cut', afterEvents, how: this.#of(hows) }),
      () => ({ kind: 'error-event', afterEvents, code: this.#of([410, 429, 500]) }),
      () => ({ kind: 'meanwhile', run: () => this.#compact() }),
    ];
    return this.#of(faults)();
  }

  async #compact(): Promise<void> {
    const { store } = this.#cluster.server;
    await store.compact(await store.currentRevision());
  }

  #below(count: number): number {
    return Math.floor(this.#random.fraction() * count);
  }

  #of<T>(choices: readonly T[]): T {
    const chosen = choices[this.#below(choices.length)];
    assert.ok(chosen !== undefined);
    return chosen;
  }
}

/** Refuses changes in an order in which no collection can change. */
export class ChangeOrder {
  readonly #held = new Map<string, ConfigMap>();

  check({ type, object, old }: Change<ConfigMap>): void {
    const name = object.metadata?.name ?? '';
    const held = this.#held.get(name);
    const text = `${type} ${describe(object)} after ${held === undefined ? 'nothing' : describe(held)}`;
    assert.equal(held !== undefined, type !== 'added', text);
    if (type === 'updated') {
      assert.equal(old, held, text);
      assert.equal(object.metadata?.uid, held?.metadata?.uid, text);
      assert.ok(versionOf(object) > versionOf(held), text);
    }
    if (type === 'deleted') this.#held.delete(name);
    else this.#held.set(name, object);
  }

  state(): string[] {
    return [...this.#held.values()].map(describe);
  }
}

// Only a test may look into a version: it is a number here, and opaque to clients.
function versionOf(object: ConfigMap | undefined): number {
  return Number(object?.metadata?.resourceVersion);
}

function describe({ metadata }: ConfigMap): string {
  return `${metadata?.name}@${metadata?.resourceVersion}`;
}
