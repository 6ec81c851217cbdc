import { ApiError, type Client, bindPod, isNotFound } from '@fairway/client';
import { type Logger, messageOf, sleep } from '@fairway/host';
import { podNodeName } from '@fairway/kind-rules/pods';
import { type PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import type { EventRecorder, Informer } from '@fairway/reconcile';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { VolumePlan } from '../snapshot/volume-reservations.ts';
import { bindVolumes } from './bind-volumes.ts';
import { type PodFailure, reportFailure } from './report-failure.ts';

/** Requests that are sent at the same time; more decisions wait for their answers. */
const requestsMax = 100;

/** How often is asked what has come of a binding that nobody answered. */
const askAgainMs = 1_000;

export interface BinderParts {
  readonly client: Client;
  readonly recorderFor: (schedulerName: string) => EventRecorder;
  readonly logger: Logger;
  /** Ends all that is on its way; nothing is sent any more, and nobody told. */
  readonly signal: AbortSignal;
  readonly snapshot: ClusterSnapshot;
  readonly claims: Informer<PersistentVolumeClaim>;
  /** A pod is on its node; with a problem, it is not. */
  readonly onEnd: (pod: PodFacts, problem: string | undefined) => void;
}

/** Tells the cluster what has been decided, while the next pods are looked at. */
export class Binder {
  readonly #parts: BinderParts;
  /** What is said last about a pod, which comes before what is said next. */
  readonly #last = new Map<string, Promise<void>>();
  readonly #following = new Set<Promise<void>>();
  #requests = 0;
  #onRoom: () => void = () => {};

  constructor(parts: BinderParts) {
    this.#parts = parts;
  }

  /** So much is on its way that decisions should wait. */
  get isBusy(): boolean {
    return this.#requests >= requestsMax;
  }

  /** Resolves when it is not busy any more. */
  async room(): Promise<void> {
    while (this.isBusy) await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    while (this.#following.size > 0) await Promise.all(this.#following);
  }

  /** Waits at the end for work that never rejects. */
  follow(work: Promise<void>): void {
    this.#following.add(work);
    void work.finally(() => this.#following.delete(work));
  }

  /** Puts a pod on a node, once its claims have their volumes. */
  bind(pod: PodFacts, nodeName: string, volumes: VolumePlan | undefined): void {
    const { signal, snapshot, onEnd } = this.#parts;
    if (volumes !== undefined) snapshot.reservations.reserve(volumes, nodeName);
    this.#enqueue(pod.key, async () => {
      const problem = await this.#bind(pod, nodeName, volumes);
      if (volumes !== undefined) snapshot.reservations.release(volumes);
      if (!signal.aborted) onEnd(pod, problem);
    });
  }

  /** Writes into the status of a pod why it has no node. */
  report(pod: PodFacts, failure: PodFailure): void {
    const { client, logger, signal } = this.#parts;
    this.#enqueue(pod.key, async () => {
      try {
        await this.#request(() => reportFailure({ client, signal }, pod, failure));
      } catch (error) {
        if (signal.aborted) return;
        logger.warn('a pod could not be told why it has no node', { pod: pod.key, error });
      }
    });
  }

  /** Does one thing after another for a pod: what is said later is what counts. */
  #enqueue(key: string, work: () => Promise<void>): void {
    const before = this.#last.get(key);
    const done = before === undefined ? work() : before.then(work);
    this.#last.set(key, done);
    this.follow(
      done.then(() => {
        if (this.#last.get(key) === done) this.#last.delete(key);
      }),
    );
  }

  /** Answers what went wrong, in the words of the pod's event. */
  async #bind(
    pod: PodFacts,
    nodeName: string,
    volumes: VolumePlan | undefined,
  ): Promise<string | undefined> {
    const { client, recorderFor, signal, snapshot, claims } = this.#parts;
    if (volumes !== undefined) {
      const parts = { client, claims, volumes: snapshot.objects.volumes };
      try {
        await bindVolumes(parts, { plan: volumes, nodeName }, signal);
      } catch (error) {
        return `running PreBind plugin "VolumeBinding": ${messageOf(error)}`;
      }
    }
    const { namespace, name, uid } = pod;
    try {
      await this.#request(() =>
        bindPod(client, { pod: name, node: nodeName, uid }, { namespace, signal }),
      );
    } catch (error) {
      const outcome = await this.#outcomeOf(pod, error);
      // A pod that is gone has no problem.
      if (outcome === 'gone') return undefined;
      if (outcome === 'refused')
        return `binding rejected: running Bind plugin "DefaultBinder": ${messageOf(error)}`;
    }
    recorderFor(pod.schedulerName).record(Pod, pod.pod as Pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${pod.key} to ${nodeName}`,
    });
    return undefined;
  }

  /**
   * What has come of a binding that failed. Where the API has not refused it, it may have been carried
   * out: the node is not given to others before that is known.
   */
  async #outcomeOf(pod: PodFacts, error: unknown): Promise<'gone' | 'refused' | 'bound'> {
    if (isNotFound(error)) return 'gone';
    if (error instanceof ApiError && error.code < 500) return 'refused';
    const { client, signal } = this.#parts;
    const { namespace, name, uid } = pod;
    while (!signal.aborted) {
      try {
        const found = await client.find(Pod, name, { namespace, signal });
        if (found?.metadata?.uid !== uid) return 'gone';
        return podNodeName(found) === undefined ? 'refused' : 'bound';
      } catch {
        // The API is away still, or refuses to tell.
        await sleep(client.clock, askAgainMs, signal).catch(() => undefined);
      }
    }
    return 'refused';
  }

  async #request(send: () => Promise<void>): Promise<void> {
    this.#requests++;
    try {
      await send();
    } finally {
      this.#requests--;
      this.#onRoom();
    }
  }
}
