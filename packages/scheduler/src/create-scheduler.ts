import type { Client } from '@fairway/client';
import { type Logger, type Timer, giveWay } from '@fairway/host';
import { Pod } from '@fairway/kinds/core/v1';
import type { EventRecorder, Informers } from '@fairway/reconcile';
import { Binder } from './binding/binder.ts';
import type { PodFailure } from './binding/report-failure.ts';
import { defaultProfile } from './cycle/default-profile.ts';
import type { Profile } from './cycle/profile.ts';
import { type Decider, type Decision, schedulePod } from './cycle/schedule-pod.ts';
import { type ClusterInformers, clusterInformers } from './follow/cluster-informers.ts';
import { followCluster } from './follow/follow-cluster.ts';
import type { PluginName } from './plugins/plugin.ts';
import { planVolumes } from './plugins/volume-binding.ts';
import { evictVictims } from './preemption/evict-victims.ts';
import type { Victims } from './preemption/find-victims.ts';
import { planPreemption } from './preemption/plan-preemption.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import type { ClusterEvent } from './snapshot/cluster-event.ts';
import { ClusterSnapshot } from './snapshot/cluster-snapshot.ts';
import { Nominations } from './snapshot/nominations.ts';
import type { PodFacts } from './snapshot/pod-facts.ts';

export interface SchedulerOptions {
  /** Acts with the rights of `system:kube-scheduler`. */
  readonly client: Client;
  /** Of the same client, or one that may read as much. */
  readonly informers: Informers;
  /** Records events under the name of a profile. */
  readonly recorderFor: (schedulerName: string) => EventRecorder;
  readonly logger: Logger;
  /** One for each name that pods may give; the default one when absent. */
  readonly profiles?: readonly Profile[];
}

/** Decides on which nodes pods run. */
export interface Scheduler {
  /** Works until the signal aborts, and resolves when what it began has ended. Errors: what ends an informer. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
}

/**
 * Makes a scheduler: it follows the cluster, takes pods without a node one by one, and puts each where it
 * is best. Nothing is sent before it runs.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  return { run: ({ signal }) => new RunningScheduler(options, signal).run() };
}

class RunningScheduler {
  readonly #options: SchedulerOptions;
  readonly #ending = new AbortController();
  /** Aborts when the caller's does, and when this has failed. */
  readonly #signal: AbortSignal;
  readonly #informers: ClusterInformers;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #snapshot: ClusterSnapshot;
  readonly #queue: SchedulingQueue;
  readonly #nominations = new Nominations();
  readonly #rotation = { start: 0 };
  readonly #binder: Binder;
  #wake: () => void = () => {};

  constructor(options: SchedulerOptions, signal: AbortSignal) {
    const { client, informers, profiles = [defaultProfile] } = options;
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#ending.signal]);
    this.#informers = clusterInformers(informers);
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#snapshot = new ClusterSnapshot(this.#informers.others);
    this.#queue = new SchedulingQueue(client.clock);
    this.#binder = new Binder({
      ...options,
      signal: this.#signal,
      snapshot: this.#snapshot,
      claims: this.#informers.others.claims,
      onEnd: (pod, problem) => this.#takeEnd(pod, problem),
    });
  }

  async run(): Promise<void> {
    const { nodes, pods, others } = this.#informers;
    const all = [nodes, pods, ...Object.values(others)];
    const failed = Promise.withResolvers<never>();
    const end = followCluster(this.#informers, {
      snapshot: this.#snapshot,
      queue: this.#queue,
      nominations: this.#nominations,
      isOwn: (name) => this.#profiles.has(name),
      onEvent: (event) => this.#take(event),
      onFailure: failed.reject,
    });
    const stop = (): void => this.#wake();
    const unsubscribe = pods.subscribe(() => this.#wake());
    this.#signal.addEventListener('abort', stop, { once: true });
    // One that ends before the signal has failed, and this with it.
    const ended = Promise.race([
      failed.promise,
      Promise.all(all.map((informer) => informer.ended)),
    ]);
    try {
      await Promise.race([Promise.all(all.map((informer) => informer.synced)), ended]);
      await Promise.race([this.#work(), ended]);
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#ending.abort();
      unsubscribe();
      end();
      await this.#binder.settled();
    }
  }

  async #work(): Promise<void> {
    for (await giveWay(); !this.#signal.aborted; await giveWay()) {
      if (this.#binder.isBusy) {
        await this.#binder.room();
        continue;
      }
      const pod = this.#queue.take();
      if (pod === undefined) await this.#news();
      else this.#schedule(pod);
    }
  }

  /** Resolves when something has happened, or when a pod may be tried again although nothing has. */
  async #news(): Promise<void> {
    const { clock } = this.#options.client;
    const { promise, resolve } = Promise.withResolvers<void>();
    const dueMs = this.#queue.nextDueMs;
    let timer: Timer | undefined;
    if (dueMs !== undefined) timer = clock.schedule(dueMs - clock.elapsed(), resolve);
    this.#wake = resolve;
    if (this.#signal.aborted) resolve();
    await promise;
    timer?.cancel();
  }

  #schedule(pod: PodFacts): void {
    const profile = this.#profiles.get(pod.schedulerName);
    if (profile === undefined) return this.#queue.delete(pod.key);
    const decider: Decider = {
      profile,
      snapshot: this.#snapshot,
      nominations: this.#nominations,
      rotation: this.#rotation,
      random: this.#options.client.random,
    };
    const decision = schedulePod(pod, decider);
    if (decision.kind === 'no node') return this.#refuse(pod, decision, decider);
    const { node } = decision;
    const volumes = planVolumes(pod, node.facts, this.#snapshot);
    // From now on the node counts it, although the cluster does not know yet.
    this.#snapshot.place(pod, node.name);
    this.#nominations.remove(pod.key);
    this.#binder.bind(pod, node.name, volumes);
    this.#take({ kind: 'pod placed', pod });
  }

  #refuse(pod: PodFacts, decision: Extract<Decision, { kind: 'no node' }>, decider: Decider): void {
    const { diagnosis } = decision;
    const hasNodes = diagnosis.nodeCount > 0;
    const plan = hasNodes ? planPreemption(pod, decision, decider) : undefined;
    this.#queue.wait(pod.key, diagnosis.refusedBy);
    const nominatedBefore = this.#nominations.nodeOf(pod.key);
    if (plan?.kind !== 'victims') {
      if (plan?.isOver === true) this.#nominations.remove(pod.key);
      const isOver = plan?.isOver === true && nominatedBefore !== undefined;
      return this.#report(pod, {
        reason: 'Unschedulable',
        message: diagnosis.message(plan?.message),
        ...(isOver ? { nominatedNode: '' } : {}),
      });
    }
    const { victims } = plan;
    const nodeName = victims.node.name;
    // Less important pods that were to come there have to look for another node.
    for (const other of this.#nominations.behind(nodeName, pod)) {
      this.#nominations.remove(other.key);
      this.#queue.set(other);
    }
    this.#nominations.set(pod, nodeName);
    this.#report(pod, {
      reason: 'Unschedulable',
      message: diagnosis.message(),
      nominatedNode: nodeName,
    });
    this.#binder.follow(this.#evict(pod, victims));
  }

  async #evict(pod: PodFacts, victims: Victims): Promise<void> {
    const { client, logger, recorderFor } = this.#options;
    const signal = this.#signal;
    try {
      const recorder = recorderFor(pod.schedulerName);
      await evictVictims({ client, recorder, signal }, pod, victims);
    } catch (error) {
      if (signal.aborted) return;
      const node = victims.node.name;
      logger.warn('pods could not be made to leave for another one', { pod: pod.key, node, error });
      if (this.#nominations.nodeOf(pod.key) === node) this.#nominations.remove(pod.key);
      const waiting = this.#queue.get(pod.key);
      if (waiting !== undefined) this.#queue.set(waiting);
      this.#wake();
    }
  }

  /** A pod is on its node, or could not be put there. */
  #takeEnd(pod: PodFacts, problem: string | undefined): void {
    const { logger } = this.#options;
    if (problem === undefined) {
      this.#queue.delete(pod.key);
      return;
    }
    const placement = this.#snapshot.placementOf(pod.key);
    // The cluster may have said meanwhile where it is.
    if (placement?.pod === pod) {
      this.#snapshot.unplace(pod.key);
      const node = this.#snapshot.node(placement.nodeName);
      this.#take({ kind: 'pod gone', pod, node });
    }
    if (this.#queue.get(pod.key)?.uid !== pod.uid) return;
    logger.warn('a pod could not be put on its node', { pod: pod.key, problem });
    this.#queue.retry(pod.key);
    this.#report(pod, { reason: 'SchedulerError', message: problem });
    this.#wake();
  }

  #report(pod: PodFacts, failure: PodFailure): void {
    this.#options.recorderFor(pod.schedulerName).record(Pod, pod.pod as Pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message: failure.message.slice(0, messageCharactersMax),
    });
    this.#binder.report(pod, failure);
  }

  #take(event: ClusterEvent): void {
    this.#queue.release((refuser, pod) => {
      const plugins = this.#profiles.get(pod.schedulerName)?.plugins ?? [];
      const plugin = plugins.find(({ name }) => name === (refuser as PluginName));
      return plugin?.mayHelp?.(event, pod, this.#snapshot) === true;
    });
    this.#wake();
  }
}

/** What an event may say; the API refuses more. */
const messageCharactersMax = 1_024;
