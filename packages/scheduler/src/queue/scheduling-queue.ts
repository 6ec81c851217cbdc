import type { Clock } from '@fairway/host';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import { Heap } from './heap.ts';

/**
 * How long a pod waits after the first attempt that failed; doubled with each further one.
 *
 * Source: kube-scheduler, `podInitialBackoffSeconds`, `podMaxBackoffSeconds`.
 */
const backoffMs = 1_000;
const backoffMsMax = 10_000;

/** A pod that waits for an event is tried again after this long, should the event never be told of. */
const waitMsMax = 300_000;

/**
 * Pods that have no node, each in one of three places. In the active part the most important comes
 * first, and of those alike the one that has been there longest. In the backoff are those that may be
 * schedulable and were tried too recently. The others wait for something to happen that what has refused
 * them waits for.
 */
export class SchedulingQueue {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #all = new Map<string, Entry>();
  readonly #active = new Heap<Entry>(isMoreImportant);
  /** In the backoff: what was refused, and what has failed. */
  readonly #refused = new Heap<Entry>(isDueBefore);
  readonly #failed = new Heap<Entry>(isDueBefore);
  /** By what has refused them; under the empty name, those that any event may help. */
  readonly #waiting = new Map<string, Set<Entry>>();
  #entered = 0;

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
  }

  /** The pod with a key, as far as it has no node. */
  get(key: string): PodFacts | undefined {
    return this.#all.get(key)?.pod;
  }

  /** When to look again although nothing happens; undefined: never. */
  get nextDueMs(): number | undefined {
    if (this.#active.size > 0 || this.#refused.size > 0) return this.#clock.elapsed();
    let dueMs = this.#failed.first?.dueMs;
    for (const [refuser, entries] of this.#waiting) {
      if (refuser === gates) continue;
      // The first of a set has waited longest.
      for (const { failedMs } of entries) {
        dueMs = earlier(dueMs, failedMs + waitMsMax);
        break;
      }
    }
    return dueMs;
  }

  /**
   * A pod has come, or has changed. One that waits is tried again when `isDifferent`: what scheduling
   * asks of it has changed.
   */
  set(pod: PodFacts, { isDifferent = true } = {}): void {
    const known = this.#all.get(pod.key);
    if (known === undefined || known.pod.uid !== pod.uid) {
      this.delete(pod.key);
      const entry = new Entry(pod);
      this.#all.set(pod.key, entry);
      if (pod.isGated) this.#wait(entry, [gates]);
      else this.#activate(entry);
      return;
    }
    if (known.place === 'active') {
      // Its importance may have changed, by which the heap is ordered.
      this.#active.delete(known);
      known.pod = pod;
      this.#active.add(known);
      return;
    }
    known.pod = pod;
    if (known.place === 'waiting' && isDifferent && !pod.isGated) this.#release(known);
  }

  delete(key: string): void {
    const entry = this.#all.get(key);
    if (entry === undefined) return;
    this.#leave(entry);
    this.#all.delete(key);
  }

  /**
   * Takes the pod to try next. While none is active, one that was refused is taken before its time: the
   * backoff spares work only where there is other work. Undefined: there is none now.
   */
  take(): PodFacts | undefined {
    this.#endWaiting();
    this.#endBackoff(this.#refused);
    this.#endBackoff(this.#failed);
    const entry = this.#active.first ?? this.#refused.first;
    if (entry === undefined) return undefined;
    this.#leave(entry);
    entry.place = 'taken';
    entry.attempts++;
    return entry.pod;
  }

  /** A pod that was taken waits for events that those wait for who have refused it. */
  wait(key: string, refusedBy: Iterable<string>): void {
    const entry = this.#all.get(key);
    if (entry?.place !== 'taken') return;
    entry.hasFailed = false;
    entry.failedMs = this.#clock.elapsed();
    const names = [...refusedBy];
    this.#wait(entry, names.length === 0 ? [anything] : names);
  }

  /** A pod that was taken is tried again after a while: what went wrong has nothing to do with it. */
  retry(key: string): void {
    const entry = this.#all.get(key);
    if (entry?.place !== 'taken') return;
    entry.hasFailed = true;
    entry.failedMs = this.#clock.elapsed();
    this.#delay(entry);
  }

  /**
   * Something has happened: pods that wait for it are tried again. `helps`: whether it may have ended
   * what one of those holds against a pod who have refused it.
   */
  release(helps: (refuser: string, pod: PodFacts) => boolean): void {
    for (const [refuser, entries] of this.#waiting) {
      if (refuser === gates) continue;
      for (const entry of entries) {
        if (refuser === anything || helps(refuser, entry.pod)) this.#release(entry);
      }
    }
  }

  #release(entry: Entry): void {
    this.#leave(entry);
    if (entry.attempts === 0 || entry.failedMs + this.#delayOf(entry) <= this.#clock.elapsed()) {
      this.#activate(entry);
    } else this.#delay(entry);
  }

  #endWaiting(): void {
    const nowMs = this.#clock.elapsed();
    for (const [refuser, entries] of this.#waiting) {
      if (refuser === gates) continue;
      for (const entry of entries) {
        if (entry.failedMs + waitMsMax > nowMs) break;
        this.#release(entry);
      }
    }
  }

  #endBackoff(backoff: Heap<Entry>): void {
    const nowMs = this.#clock.elapsed();
    for (let due = backoff.first; due !== undefined && due.dueMs <= nowMs; due = backoff.first) {
      this.#leave(due);
      this.#activate(due);
    }
  }

  #activate(entry: Entry): void {
    entry.place = 'active';
    entry.entered = this.#entered++;
    this.#active.add(entry);
  }

  #delay(entry: Entry): void {
    entry.dueMs = entry.failedMs + this.#delayOf(entry);
    if (entry.hasFailed) this.#failed.add(entry);
    else this.#refused.add(entry);
    entry.place = 'delayed';
  }

  #delayOf({ attempts }: Entry): number {
    return Math.min(backoffMsMax, backoffMs * 2 ** Math.max(0, attempts - 1));
  }

  #wait(entry: Entry, refusers: readonly string[]): void {
    entry.place = 'waiting';
    entry.refusers = refusers;
    for (const refuser of refusers) {
      const entries = this.#waiting.get(refuser) ?? new Set<Entry>();
      this.#waiting.set(refuser, entries.add(entry));
    }
  }

  #leave(entry: Entry): void {
    if (entry.place === 'active') this.#active.delete(entry);
    if (entry.place === 'delayed' && !this.#refused.delete(entry)) this.#failed.delete(entry);
    if (entry.place === 'waiting') {
      for (const refuser of entry.refusers) {
        const entries = this.#waiting.get(refuser);
        entries?.delete(entry);
        if (entries?.size === 0) this.#waiting.delete(refuser);
      }
    }
    entry.place = 'taken';
  }
}

/** Refuses pods whose gates are closed; only they themselves open them. */
const gates = 'SchedulingGates';
const anything = '';

class Entry {
  pod: PodFacts;
  attempts = 0;
  place: 'active' | 'delayed' | 'waiting' | 'taken' = 'taken';
  /** In which order it came into the active part. */
  entered = 0;
  failedMs = 0;
  dueMs = 0;
  /** Its last attempt went wrong, rather than being refused. */
  hasFailed = false;
  refusers: readonly string[] = [];

  constructor(pod: PodFacts) {
    this.pod = pod;
  }
}

function isDueBefore(one: Entry, other: Entry): boolean {
  return one.dueMs < other.dueMs;
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || (other !== undefined && other < one) ? other : one;
}

function isMoreImportant(one: Entry, other: Entry): boolean {
  if (one.pod.priority !== other.pod.priority) return one.pod.priority > other.pod.priority;
  return one.entered < other.entered;
}
