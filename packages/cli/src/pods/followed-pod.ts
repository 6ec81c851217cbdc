import type { Duplex } from 'node:stream';
import type { Client } from '@fairway/client';
import { type PodConnections, openPodConnections } from '@fairway/client/streams';
import { Pod } from '@fairway/kinds/core/v1';
import type { PodGroup } from './pod-group.ts';
import { byActivity, inOrder, isReady } from './pod-order.ts';

export interface FollowedPodOptions {
  readonly client: Client;
  /** Which pods can stand in for one another. */
  readonly group: PodGroup;
  /** Where connections go at first. */
  readonly first: Pod;
  readonly signal: AbortSignal;
  /** Told in words that connections go elsewhere from now on, or nowhere. */
  readonly onMove: (text: string) => void;
}

/**
 * A way into a pod, and into another one of its group when it goes: new connections go to one that is ready, those
 * that there are stay until their pod is gone.
 */
export class FollowedPod implements AsyncDisposable {
  readonly #options: FollowedPodOptions;
  /** What is known of the group, by UID. */
  readonly #pods = new Map<string, Pod>();
  /** One way for each pod that has had connections, by UID. */
  readonly #ways = new Map<string, Promise<PodConnections>>();
  #pod: Pod | undefined;
  #found = Promise.withResolvers<void>();

  constructor(options: FollowedPodOptions) {
    this.#options = options;
    this.#pod = options.first;
  }

  /** Follows the group until the signal aborts. Never fails. */
  async follow(): Promise<void> {
    const { client, group, signal } = this.#options;
    const { namespace, select } = group;
    let seen = new Set<string>();
    for await (const event of client.reflect(Pod, { ...select, namespace, signal })) {
      if (event.type === 'Init') {
        seen = new Set();
      } else if (event.type === 'InitDone') {
        for (const uid of this.#pods.keys()) if (!seen.has(uid)) this.#forget(uid);
        this.#settle();
      } else {
        const uid = uidOf(event.object);
        seen.add(uid);
        if (event.type === 'Delete') this.#forget(uid);
        else this.#pods.set(uid, event.object);
        if (event.type !== 'InitApply') this.#settle();
      }
    }
  }

  /**
   * Opens a connection to a port of the pod, whose number in it `portIn` says; waits while no pod is ready.
   *
   * Errors: `ConnectionError`, `ApiError`, those of `portIn`.
   */
  async connect(portIn: (pod: Pod) => number): Promise<Duplex> {
    while (this.#pod === undefined) await this.#found.promise;
    const port = portIn(this.#pod);
    const way = await this.#wayInto(this.#pod);
    return await way.connect(port);
  }

  /** Opens the way into the first pod. Errors: `ConnectionError`, `ApiError`. */
  async open(): Promise<void> {
    await this.#wayInto(this.#options.first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#found.promise.catch(() => {});
    this.#found.reject(new Error('forwarding has ended'));
    await Promise.all([...this.#ways.keys()].map((uid) => this.#close(uid)));
  }

  async #wayInto(pod: Pod): Promise<PodConnections> {
    const { client, group, signal, onMove } = this.#options;
    const uid = uidOf(pod);
    const name = nameOf(pod);
    const known = await this.#ways.get(uid);
    if (known !== undefined && !known.isOver) return known;
    if (known !== undefined) onMove(`lost connection to pod/${name}: opening another one`);
    const opening = openPodConnections(client, name, { namespace: group.namespace, signal });
    this.#ways.set(uid, opening);
    // The next connection tries again.
    opening.catch(() => this.#ways.delete(uid));
    return await opening;
  }

  #forget(uid: string): void {
    this.#pods.delete(uid);
    void this.#close(uid);
  }

  async #close(uid: string): Promise<void> {
    const way = await this.#ways.get(uid)?.catch(() => undefined);
    this.#ways.delete(uid);
    await way?.close();
  }

  /** Leaves a pod that goes, for one that is ready. */
  #settle(): void {
    const { onMove } = this.#options;
    const left = this.#pod;
    const now = left === undefined ? undefined : this.#pods.get(uidOf(left));
    if (now !== undefined && isStaying(now)) return;
    const ready = [...this.#pods.values()].filter((pod) => isStaying(pod) && isReady(pod));
    const [next] = inOrder(ready, byActivity);
    const gone = left === undefined ? '' : `lost pod/${nameOf(left)}: `;
    this.#pod = next;
    if (next !== undefined) {
      onMove(`${gone}going on with pod/${nameOf(next)}`);
      this.#found.resolve();
      this.#found = Promise.withResolvers();
    } else if (left !== undefined) {
      onMove(`${gone}waiting for another one that is ready`);
    }
  }
}

function uidOf({ metadata }: Pod): string {
  return metadata?.uid ?? '';
}

function nameOf({ metadata }: Pod): string {
  return metadata?.name ?? '';
}

/** One that is not ready any more is not left: it may be the one that somebody wants to look into. */
function isStaying({ metadata, status }: Pod): boolean {
  return metadata?.deletionTimestamp === undefined && status?.phase === 'Running';
}
