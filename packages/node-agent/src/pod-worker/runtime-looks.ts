import type { PodRuntime, RuntimePod } from '../runtime/pod-runtime.ts';

/**
 * What the runtime holds, asked for as seldom as possible: all who ask while an answer is on its way share the next
 * one, so that each sees what it has done itself.
 */
export class RuntimeLooks {
  readonly #runtime: Pick<PodRuntime, 'listPods'>;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<ReadonlyMap<string, RuntimePod>> | undefined;

  constructor(runtime: Pick<PodRuntime, 'listPods'>) {
    this.#runtime = runtime;
  }

  /** All pods by uid, as they are after this call or later. */
  pods(): Promise<ReadonlyMap<string, RuntimePod>> {
    this.#next ??= this.#listAfter(this.#current);
    return this.#next;
  }

  async #listAfter(current: Promise<unknown>): Promise<ReadonlyMap<string, RuntimePod>> {
    await current.catch(() => undefined);
    this.#next = undefined;
    const listing = this.#runtime.listPods();
    this.#current = listing;
    return new Map((await listing).map((each) => [each.uid, each]));
  }
}
