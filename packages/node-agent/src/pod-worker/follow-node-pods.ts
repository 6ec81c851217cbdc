import type { Pod } from '@fairway/kinds/core/v1';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import {
  type ReconcileSource,
  type Requeue,
  formatKey,
  keyOf,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import { pressureRefusal } from '../eviction/node-pressure.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { RuntimePod } from '../runtime/pod-runtime.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { refusalOf, resizeProblem } from './admission.ts';
import { tearDown } from './carry-out.ts';
import type { PodReason } from './pod-memory.ts';
import type { PodWorkerParts } from './pod-worker-parts.ts';
import { PodWorker } from './pod-worker.ts';
import { RuntimeLooks } from './runtime-looks.ts';
import type { WantedPods } from './wanted-pods.ts';

/** Pods that are looked at together. */
const concurrency = 16;
/** How often everything is looked at that the runtime may not have told of. */
const relistMs = 3_000;
/** How soon a runtime that did not answer is asked again. */
const runtimePauseMs = 1_000;

/**
 * Runs the pods of a node until the signal aborts. What runs then goes on without it: whoever does this again finds
 * it, by what the runtime holds.
 */
export async function followNodePods(parts: PodWorkerParts, signal: AbortSignal): Promise<void> {
  const workers = new PodWorkers(parts);
  try {
    await runReconcileLoop(
      {
        name: 'pods',
        clock: parts.clock,
        random: parts.random,
        logger: parts.logger,
        concurrency,
        sources: [...parts.pods.sources, workers.source(signal)],
        reconcile: (key) => workers.look(key),
      },
      signal,
    );
  } finally {
    workers[Symbol.dispose]();
  }
}

class PodWorkers implements Disposable {
  readonly #parts: PodWorkerParts;
  readonly #pods: WantedPods;
  readonly #looks: RuntimeLooks;
  readonly #workers = new Map<string, PodWorker>();
  /** What the last listing held of each pod, to see what has changed. */
  #seen: ReadonlyMap<string, { readonly key: string; readonly states: string }> = new Map();
  #enqueue: (key: string) => void = () => undefined;

  constructor(parts: PodWorkerParts) {
    this.#parts = parts;
    this.#pods = parts.pods;
    this.#looks = new RuntimeLooks(parts.runtime);
  }

  /** Keys of pods of which the runtime holds something else than before. */
  source(signal: AbortSignal): ReconcileSource {
    const { clock, runtime, pods, sources, pressure } = this.#parts;
    const start = (enqueue: (key: string) => void): (() => void) => {
      this.#enqueue = enqueue;
      const changes = runtime.onChange((uid) => {
        const worker = uid === undefined ? undefined : this.#workers.get(uid);
        if (worker !== undefined) enqueue(keyOf(worker.pod));
      });
      const refresh = sources.onChange((uid) => {
        const worker = this.#workers.get(uid);
        worker?.refreshVolumes();
        if (worker !== undefined) enqueue(keyOf(worker.pod));
      });
      const evictions = pressure.onEviction((uid) => {
        const worker = this.#workers.get(uid);
        if (worker !== undefined) enqueue(keyOf(worker.pod));
      });
      let timer = clock.schedule(0, () => void relist());
      const relist = async (): Promise<void> => {
        await this.#relist();
        if (!signal.aborted) timer = clock.schedule(relistMs, () => void relist());
      };
      return () => {
        timer.cancel();
        changes[Symbol.dispose]();
        refresh[Symbol.dispose]();
        evictions[Symbol.dispose]();
      };
    };
    // Which pods are nobody's is known once all are known that somebody wants.
    const synced = pods.synced.then(() => this.#sweep());
    // Who waits for it hears of it; nobody may.
    synced.catch(() => undefined);
    return { name: 'runtime', start, synced, ended: new Promise(() => undefined) };
  }

  /** Takes away what an agent before this one has left of pods that are nowhere any more. */
  async #sweep(): Promise<void> {
    const { volumes, cgroups, logs, runtime, logger } = this.#parts;
    try {
      const held = new Set((await runtime.listPods()).map(({ uid }) => uid));
      for (const { metadata } of this.#pods.objects()) held.add(metadata?.uid ?? '');
      const left = [...(await volumes.leftovers()), ...(await cgroups.leftovers())];
      for (const uid of new Set(left)) {
        if (!held.has(uid)) await tearDown(uid, this.#parts);
      }
      for (const uid of await logs.leftovers()) if (!held.has(uid)) await logs.removeLeft(uid);
    } catch (error) {
      logger.warn('what is left of pods before is not taken away', { error });
    }
  }

  /** Looks at the pods of a name: the one that has it, and those that had it and are not gone yet. */
  async look(key: string): Promise<Requeue | undefined> {
    const current = this.#pods.get(key);
    const uid = current?.metadata?.uid;
    const known = this.#workersOf(key);
    for (const each of known) each.beginLook();
    try {
      const held = await this.#looks.pods();
      if (current !== undefined) this.#take(current, held.get(uid ?? ''));
      for (const pod of held.values()) if (keyOfHeld(pod) === key) this.#adopt(pod);
      const delays: number[] = [];
      for (const worker of this.#workersOf(key)) {
        const id = worker.pod.metadata?.uid ?? '';
        const again = await this.#lookAt(worker, id === uid ? current : undefined, held.get(id));
        if (again !== undefined) delays.push(again);
      }
      return delays.length === 0 ? undefined : requeueAfter(Math.min(...delays));
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      this.#parts.logger.warn('the container runtime does not answer', { error });
      return requeueAfter(runtimePauseMs);
    } finally {
      for (const each of known) each.endLook();
    }
  }

  #workersOf(key: string): readonly PodWorker[] {
    return [...this.#workers.values()].filter((each) => keyOf(each.pod) === key);
  }

  [Symbol.dispose](): void {
    for (const each of this.#workers.values()) each[Symbol.dispose]();
  }

  async #lookAt(
    worker: PodWorker,
    current: AnyPod | undefined,
    held: RuntimePod | undefined,
  ): Promise<number | undefined> {
    const { isOver, againInMs } = await worker.look(current, held);
    if (isOver) {
      this.#workers.delete(worker.pod.metadata?.uid ?? '');
      worker[Symbol.dispose]();
      this.#pods.release(worker.pod);
      this.#parts.pressure.forget(worker.pod.metadata?.uid ?? '');
    }
    return againInMs;
  }

  #take(pod: AnyPod, held: RuntimePod | undefined): void {
    const uid = pod.metadata?.uid ?? '';
    if (this.#workers.has(uid)) return;
    this.#add(pod, this.#refusalOf(pod, held));
  }

  /** A pod that runs and that the API does not know. */
  #adopt(held: RuntimePod): void {
    if (this.#workers.has(held.uid)) return;
    this.#add(strangerPod(held, this.#parts.clock.now()), undefined);
  }

  #add(pod: AnyPod, refusal: PodReason | undefined): void {
    const wake = (): void => this.#enqueue(keyOf(pod));
    const worker = new PodWorker(pod, this.#parts, {
      wake,
      refusal,
      resizeProblem: (each) => this.#resizeProblemOf(each),
    });
    this.#workers.set(pod.metadata?.uid ?? '', worker);
  }

  /** What was taken on once, by this agent or the one before, is not judged again. */
  #refusalOf(pod: AnyPod, held: RuntimePod | undefined): PodReason | undefined {
    const isKnown = held !== undefined || pod.status?.startTime !== undefined;
    const node = this.#parts.node();
    if (isKnown) return undefined;
    const { configs, pressure } = this.#parts;
    const refusal = pressureRefusal(pod, pressure.conditions) ?? configs.refusal(pod);
    if (refusal !== undefined || node === undefined) return refusal;
    return refusalOf(pod, { node, others: this.#taken() });
  }

  /** All pods that the node has taken on. */
  #taken(): readonly AnyPod[] {
    return [...this.#pods.objects()].filter((each) => {
      const worker = this.#workers.get(each.metadata?.uid ?? '');
      return worker === undefined ? each.status?.startTime !== undefined : worker.isTaken;
    });
  }

  #resizeProblemOf(pod: AnyPod): PodReason | undefined {
    const node = this.#parts.node();
    return node && resizeProblem(pod, { node, others: this.#taken() });
  }

  async #relist(): Promise<void> {
    let held: ReadonlyMap<string, RuntimePod>;
    try {
      held = await this.#looks.pods();
    } catch (error) {
      this.#parts.logger.debug('the container runtime cannot be listed', { error });
      return;
    }
    const before = this.#seen;
    this.#seen = new Map(
      [...held].map(([uid, pod]) => [uid, { key: keyOfHeld(pod), states: statesOf(pod) }]),
    );
    for (const [uid, { key, states }] of this.#seen) {
      if (before.get(uid)?.states !== states) this.#enqueue(key);
    }
    for (const [uid, { key }] of before) if (!this.#seen.has(uid)) this.#enqueue(key);
  }
}

function keyOfHeld({ name, namespace }: RuntimePod): string {
  return formatKey({ name, namespace });
}

function statesOf({ sandboxes, containers }: RuntimePod): string {
  return [
    ...sandboxes.map(({ id, isReady }) => `${id} ${isReady}`),
    ...containers.map(({ id, state }) => `${id} ${state}`),
  ].join();
}

/** As much of a pod as what is left of it tells; it was deleted while nobody looked. */
function strangerPod(held: RuntimePod, nowMs: number): DeepReadonly<Pod> {
  const { name, namespace, uid } = held;
  const names = new Set(held.containers.map((each) => each.name));
  return {
    metadata: {
      name,
      namespace,
      uid,
      deletionTimestamp: formatTime(nowMs),
      deletionGracePeriodSeconds: 1,
    },
    spec: { containers: [...names].map((each) => ({ name: each })), restartPolicy: 'Never' },
  };
}
