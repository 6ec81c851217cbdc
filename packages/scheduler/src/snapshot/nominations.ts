import type { PodFacts } from './pod-facts.ts';

/** Pods that wait for others to make way for them, by the nodes where that happens. */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodFacts>>();
  readonly #nodes = new Map<string, string>();

  /** A pod is to go to a node; undefined: to none. What was said before about it is forgotten. */
  set(pod: PodFacts, nodeName: string | undefined): void {
    this.remove(pod.key);
    if (nodeName === undefined) return;
    this.#nodes.set(pod.key, nodeName);
    const pods = this.#byNode.get(nodeName) ?? new Map<string, PodFacts>();
    this.#byNode.set(nodeName, pods.set(pod.key, pod));
  }

  remove(key: string): void {
    const nodeName = this.#nodes.get(key);
    if (nodeName === undefined) return;
    this.#nodes.delete(key);
    const pods = this.#byNode.get(nodeName);
    pods?.delete(key);
    if (pods?.size === 0) this.#byNode.delete(nodeName);
  }

  nodeOf(key: string): string | undefined {
    return this.#nodes.get(key);
  }

  /** Pods that are to go to a node and are no less important than this one. */
  ahead(nodeName: string, pod: PodFacts): readonly PodFacts[] {
    const pods = this.#byNode.get(nodeName);
    if (pods === undefined) return none;
    return [...pods.values()].filter(
      ({ key, priority }) => key !== pod.key && priority >= pod.priority,
    );
  }

  /** Pods that are to go to a node and are less important than this one. */
  behind(nodeName: string, pod: PodFacts): readonly PodFacts[] {
    return [...(this.#byNode.get(nodeName)?.values() ?? [])].filter(
      ({ priority }) => priority < pod.priority,
    );
  }
}

const none: readonly PodFacts[] = [];
