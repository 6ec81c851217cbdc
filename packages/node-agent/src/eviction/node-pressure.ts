import { type NewPodCondition, qosClassOf, tolerates } from '@fairway/kind-rules/pods';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { pressureMessage } from './eviction-message.ts';
import { isCritical } from './pod-use.ts';
import type { PressureCondition } from './thresholds.ts';

/** Why a pod is ended by its node, for its status. */
export interface Eviction {
  readonly message: string;
  /** What is said beside it; of limits of its own nothing is. */
  readonly condition?: NewPodCondition;
}

/** What a node is short of now, and which pods have to leave for it. */
export class NodePressure {
  /** Under which pressures the node is. */
  conditions: readonly PressureCondition[] = [];
  readonly #evicted = new Map<string, Eviction>();
  readonly #listeners = new Set<(podUid: string) => void>();

  evict(podUid: string, eviction: Eviction): void {
    this.#evicted.set(podUid, eviction);
    for (const listener of this.#listeners) listener(podUid);
  }

  /** Why a pod has to leave; undefined: it may stay. */
  evictionOf(podUid: string): Eviction | undefined {
    return this.#evicted.get(podUid);
  }

  /** Nothing is left of a pod. */
  forget(podUid: string): void {
    this.#evicted.delete(podUid);
  }

  onEviction(listener: (podUid: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}

/**
 * Why a node under these pressures does not take a pod; undefined: it does.
 *
 * Source: kubelet, admission of the eviction manager.
 */
export function pressureRefusal(
  pod: AnyPod,
  conditions: readonly PressureCondition[],
): { readonly reason: string; readonly message: string } | undefined {
  if (conditions.length === 0 || isCritical(pod)) return undefined;
  if (conditions.every((each) => each === 'MemoryPressure')) {
    if (qosClassOf(pod.spec ?? {}) !== 'BestEffort') return undefined;
    if (pod.spec?.tolerations?.some((each) => tolerates(each, memoryTaint)) === true) {
      return undefined;
    }
  }
  return { reason: 'Evicted', message: pressureMessage(conditions) };
}

const memoryTaint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' } as const;
