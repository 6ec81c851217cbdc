import { type HostPort, anyAddress } from '@fairway/kind-rules/pods';
import { AmountSum } from './amounts.ts';
import { addCount } from './counts.ts';
import type { NodeFacts } from './node-facts.ts';
import type { PodFacts } from './pod-facts.ts';

/** A node with the pods that are on it or will be: what they take is counted as they come and go. */
export class NodeState {
  readonly name: string;
  facts: NodeFacts;
  readonly requested = new AmountSum();
  /** What pods take by which nodes are compared. */
  comparedCpuMilli = 0;
  comparedMemoryBytes = 0;
  readonly #pods = new Map<string, PodFacts>();
  /** How many pods take a port, by the port and then by its address. */
  readonly #ports = new Map<string, Map<string, number>>();
  /** How many pods mount a claim. */
  readonly #claims = new Map<string, number>();

  constructor(facts: NodeFacts) {
    this.name = facts.name;
    this.facts = facts;
  }

  get podCount(): number {
    return this.#pods.size;
  }

  pods(): IterableIterator<PodFacts> {
    return this.#pods.values();
  }

  add(pod: PodFacts): void {
    this.#pods.set(pod.key, pod);
    this.#count(pod, 1);
  }

  remove(pod: PodFacts): void {
    if (this.#pods.get(pod.key) !== pod) throw new Error(`${pod.key} is not on ${this.name}`);
    this.#pods.delete(pod.key);
    this.#count(pod, -1);
  }

  /** Whether a pod on it has one of these ports, on the same address or on all of them. */
  hasPort({ ip, protocol, port }: HostPort): boolean {
    const taken = this.#ports.get(`${protocol}/${port}`);
    if (taken === undefined) return false;
    return ip === anyAddress || taken.has(anyAddress) || taken.has(ip);
  }

  /** How many pods on it mount a claim, by its key. */
  mountsOf(claim: string): number {
    return this.#claims.get(claim) ?? 0;
  }

  /** The claims that pods on it mount. */
  claims(): IterableIterator<string> {
    return this.#claims.keys();
  }

  #count(pod: PodFacts, times: 1 | -1): void {
    this.requested.add(pod.requests, times);
    this.comparedCpuMilli += times * pod.comparedCpuMilli;
    this.comparedMemoryBytes += times * pod.comparedMemoryBytes;
    for (const { ip, protocol, port } of pod.hostPorts) {
      const name = `${protocol}/${port}`;
      const addresses = this.#ports.get(name) ?? new Map<string, number>();
      addCount(addresses, ip, times);
      if (addresses.size === 0) this.#ports.delete(name);
      else this.#ports.set(name, addresses);
    }
    for (const { key } of pod.claims) addCount(this.#claims, key, times);
  }
}
