import type { Client } from '@fairway/client';
import { isMirrorPod } from '@fairway/kind-rules/pods';
import type { Pod } from '@fairway/kinds/core/v1';
import { type Informer, type ReconcileSource, informerSource, keyOf } from '@fairway/reconcile';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { staticPodSource } from '../static-pods/mirror-pods.ts';
import type { StaticPods } from '../static-pods/static-pods.ts';
import { deletePod, writePodStatus } from '../pod-lifecycle/write-pod.ts';

/** The pods that a node is to run: those that are bound to it in the API, and its static pods. */
export class WantedPods {
  /** Keys of those that have changed. */
  readonly sources: readonly ReconcileSource[];
  /** Resolves when all are known. */
  readonly synced: Promise<unknown>;
  readonly #bound: Informer<Pod>;
  readonly #static: StaticPods;
  /** Writes statuses and deletes pods as the node. */
  readonly #client: Client;

  constructor(of: {
    readonly bound: Informer<Pod>;
    readonly staticPods: StaticPods;
    readonly client: Client;
  }) {
    this.#bound = of.bound;
    this.#static = of.staticPods;
    this.#client = of.client;
    this.sources = [
      informerSource(of.bound, ({ object }) => [keyOf(object)]),
      staticPodSource(of.staticPods),
    ];
    this.synced = Promise.all(this.sources.map(({ synced }) => synced));
    // Who waits for it hears of it; nobody may.
    this.synced.catch(() => undefined);
  }

  get(key: string): AnyPod | undefined {
    const pod = this.#static.get(key) ?? this.#bound.get(key);
    return pod !== undefined && isMirrorPod(pod) ? undefined : pod;
  }

  *objects(): Iterable<AnyPod> {
    yield* this.#static.objects();
    for (const pod of this.#bound.objects()) if (!isMirrorPod(pod)) yield pod;
  }

  /** Answers the pod as it is now; undefined where it is gone, or its name has passed to another one. */
  async writeStatus(before: AnyPod, after: AnyPod): Promise<AnyPod | undefined> {
    if (!this.#static.has(before)) return writePodStatus(this.#client, before, after);
    this.#static.writeStatus(before, after.status);
    return after;
  }

  /** Resolves when `get` answers what was written. */
  async reached(written: AnyPod, options: { readonly signal: AbortSignal }): Promise<void> {
    if (!this.#static.has(written)) await this.#bound.reached(written, options);
  }

  /** Takes a pod away that has ended. */
  async delete(pod: AnyPod): Promise<void> {
    if (this.#static.has(pod)) this.#static.delete(pod);
    else await deletePod(this.#client, pod, 'now');
  }

  /** Nothing is left of a pod on this machine. */
  release(pod: AnyPod): void {
    this.#static.release(keyOf(pod));
  }
}
