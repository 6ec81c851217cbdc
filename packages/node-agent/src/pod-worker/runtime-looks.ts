import type { ContainerRecord } from '../runtime/container.ts';
import type { PodRuntime, RuntimePod } from '../runtime/pod-runtime.ts';

/**
 * What the runtime holds, asked for as seldom as possible: all who ask while an answer is on its way share the next
 * one, so that each sees what it has done itself.
 */
export class RuntimeLooks {
  readonly #runtime: PodRuntime;
  /** How containers are that will not change any more, by identifier. */
  readonly #ended = new Map<string, ContainerRecord>();
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<ReadonlyMap<string, RuntimePod>> | undefined;

  constructor(runtime: PodRuntime) {
    this.#runtime = runtime;
  }

  /** All pods by uid, as they are after this call or later. */
  pods(): Promise<ReadonlyMap<string, RuntimePod>> {
    this.#next ??= this.#listAfter(this.#current);
    return this.#next;
  }

  /** A pod of a listing with how its containers began and ended. */
  async detailed(held: RuntimePod): Promise<RuntimePod> {
    const containers = await Promise.all(held.containers.map((each) => this.#record(each)));
    return { ...held, containers };
  }

  async #listAfter(current: Promise<unknown>): Promise<ReadonlyMap<string, RuntimePod>> {
    await current.catch(() => undefined);
    this.#next = undefined;
    const listing = this.#runtime.listPods();
    this.#current = listing;
    const pods = await listing;
    this.#forgetAllBut(pods);
    return new Map(pods.map((each) => [each.uid, each]));
  }

  async #record(listed: ContainerRecord): Promise<ContainerRecord> {
    const known = this.#ended.get(listed.id);
    if (known !== undefined) return known;
    const isWhole =
      listed.state === 'exited' ? listed.finishedMs !== undefined : listed.startedMs !== undefined;
    if (isWhole || listed.state === 'created') return listed;
    const record = (await this.#runtime.containerRecord(listed.id)) ?? listed;
    if (record.state === 'exited') this.#ended.set(record.id, record);
    return record;
  }

  #forgetAllBut(pods: readonly RuntimePod[]): void {
    if (this.#ended.size === 0) return;
    const held = new Set(pods.flatMap(({ containers }) => containers.map(({ id }) => id)));
    for (const id of this.#ended.keys()) if (!held.has(id)) this.#ended.delete(id);
  }
}
