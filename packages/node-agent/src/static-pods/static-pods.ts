import type { PodStatus } from '@fairway/kinds/core/v1';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import { keyOf } from '@fairway/reconcile';
import { type StaticPod, configAnnotation } from './parse-static-pod.ts';

/** A static pod that runs, or whose end is not over. */
interface HeldPod {
  readonly pod: StaticPod;
  /** It is gone for everybody but who runs it. */
  readonly isDeleted: boolean;
}

/**
 * The static pods of a node as it runs them, with their statuses. One that its file does not want any more ends
 * as a pod that is deleted; only then the next one of its name begins.
 */
export class StaticPods {
  readonly #wanted = new Map<string, StaticPod>();
  readonly #held = new Map<string, HeldPod>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #known = Promise.withResolvers<void>();

  /** Resolves when it is known which pods the files want. */
  get synced(): Promise<void> {
    return this.#known.promise;
  }

  get(key: string): StaticPod | undefined {
    const held = this.#held.get(key);
    return held?.isDeleted === true ? undefined : held?.pod;
  }

  *objects(): Iterable<StaticPod> {
    for (const { pod, isDeleted } of this.#held.values()) if (!isDeleted) yield pod;
  }

  has(pod: StaticPod): boolean {
    return this.get(keyOf(pod))?.metadata?.uid === pod.metadata?.uid;
  }

  /** Tells of every pod that has changed. */
  onChange(listener: (key: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Takes the pods that the files want now in the place of those before. */
  want(pods: Iterable<StaticPod>, nowMs: number): void {
    this.#wanted.clear();
    for (const pod of pods) this.#wanted.set(keyOf(pod), seenAt(pod, nowMs));
    for (const [key, { pod }] of this.#held) {
      const isWanted = this.#wanted.get(key)?.metadata?.uid === pod.metadata?.uid;
      const isEnding = pod.metadata?.deletionTimestamp !== undefined;
      if (!isWanted && !isEnding) this.#change(key, deletedAt(pod, nowMs));
    }
    for (const key of this.#wanted.keys()) this.#begin(key);
    this.#known.resolve();
  }

  writeStatus(pod: StaticPod, status: DeepReadonly<PodStatus> | undefined): void {
    if (!this.has(pod)) return;
    const { status: _, ...rest } = this.get(keyOf(pod)) ?? pod;
    this.#change(keyOf(pod), status === undefined ? rest : { ...rest, status });
  }

  /** The pod has ended, and nothing of it is left to be seen. */
  delete(pod: StaticPod): void {
    if (!this.has(pod)) return;
    this.#held.set(keyOf(pod), { pod, isDeleted: true });
    this.#tell(keyOf(pod));
  }

  /** Nobody runs a pod of this name any more. */
  release(key: string): void {
    if (this.#held.get(key)?.isDeleted !== true) return;
    this.#held.delete(key);
    this.#begin(key);
  }

  #begin(key: string): void {
    const wanted = this.#wanted.get(key);
    if (wanted !== undefined && !this.#held.has(key)) this.#change(key, wanted);
  }

  #change(key: string, pod: StaticPod): void {
    this.#held.set(key, { pod, isDeleted: false });
    this.#tell(key);
  }

  #tell(key: string): void {
    for (const listener of this.#listeners) listener(key);
  }
}

function seenAt(pod: StaticPod, nowMs: number): StaticPod {
  const { metadata } = pod;
  const annotations = { ...metadata?.annotations, [configAnnotation.seen]: formatTime(nowMs) };
  return { ...pod, metadata: { ...metadata, creationTimestamp: formatTime(nowMs), annotations } };
}

function deletedAt(pod: StaticPod, nowMs: number): StaticPod {
  const graceSeconds = Math.max(1, pod.spec?.terminationGracePeriodSeconds ?? 30);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      deletionTimestamp: formatTime(nowMs + graceSeconds * 1_000),
      deletionGracePeriodSeconds: graceSeconds,
    },
  };
}
