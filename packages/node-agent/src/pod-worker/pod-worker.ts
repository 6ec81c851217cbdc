import { isPodOver } from '@fairway/kind-rules/pods';
import { Pod } from '@fairway/kinds/core/v1';
import { equalsJson } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';
import { containerWarning } from '../pod-lifecycle/container-events.ts';
import { type AnyPod, podContainers } from '../pod-lifecycle/pod-containers.ts';
import { firstVerdict } from '../probes/prober.ts';
import type { ProbeVerdict } from '../probes/probe-verdict.ts';
import type { RuntimePod } from '../runtime/pod-runtime.ts';
import { carryOut } from './carry-out.ts';
import { type PodPlan, planPod } from './plan-pod.ts';
import { type PodAction, taskOf } from './pod-action.ts';
import { type PodMemory, type PodReason, noMemory, withFailure } from './pod-memory.ts';
import type { PodWorkerParts } from './pod-worker-parts.ts';
import { type ContainerView, isAlive, viewPod } from './pod-view.ts';

/** How long a status that something is about to change again waits before it is written. */
const unsettledMsMax = 500;

/** What a look at a pod has found. */
export interface PodLook {
  /** Nothing of the pod is left to be done. */
  readonly isOver: boolean;
  /** When to look again even without a change; undefined: after a change only. */
  readonly againInMs: number | undefined;
}

/**
 * Brings one pod from its spec to containers that run, and to its end. A look plans and begins; what takes time
 * goes on beside it, and `wake` is called when something has come of it.
 */
export class PodWorker implements Disposable {
  /** As it was last seen where it is wanted. */
  pod: AnyPod;
  readonly #parts: PodWorkerParts;
  readonly #wake: () => void;
  readonly #resizeProblem: (pod: AnyPod) => PodReason | undefined;
  readonly #busy = new Map<string, PodAction>();
  readonly #stopping = new AbortController();
  /** Aborts when nothing of the pod is to be started any more. */
  readonly #ending = new AbortController();
  /** What has ended while somebody looks, who may not have seen its outcome. */
  readonly #justEnded: [task: string, action: PodAction][] = [];
  /** Last words of runs that have ended, by identifier. */
  readonly #messages = new Map<string, string | undefined>();
  #settingUp: Promise<unknown> = Promise.resolve();
  #isLooking = false;
  #memory: PodMemory;
  /** A status that was written and that the cache has not seen. */
  #written: AnyPod['status'] | undefined;
  #unsettledSinceMs: number | undefined;

  /** `refusal`: why the node does not take the pod. */
  constructor(
    pod: AnyPod,
    parts: PodWorkerParts,
    options: {
      readonly wake: () => void;
      readonly refusal: PodReason | undefined;
      /** Why the node cannot give the pod what it asks for while it runs. */
      readonly resizeProblem: (pod: AnyPod) => PodReason | undefined;
    },
  ) {
    this.pod = pod;
    this.#parts = parts;
    this.#wake = options.wake;
    this.#resizeProblem = options.resizeProblem;
    const { refusal } = options;
    this.#memory = refusal === undefined ? noMemory : { ...noMemory, refusal };
    if (refusal !== undefined) this.#record({ type: 'Warning', ...refusal });
  }

  /** Something has changed that its volumes show. */
  refreshVolumes(): void {
    const { sourceChanges = 0 } = this.#memory;
    this.#memory = { ...this.#memory, sourceChanges: sourceChanges + 1 };
  }

  /** Its resources are spoken for. */
  get isTaken(): boolean {
    return this.#memory.refusal === undefined;
  }

  /** Somebody is about to ask what the runtime holds: until the end of the look nothing counts as done that ends. */
  beginLook(): void {
    this.#isLooking = true;
  }

  endLook(): void {
    this.#isLooking = false;
    for (const [task, action] of this.#justEnded.splice(0)) this.#free(task, action);
  }

  /** `current`: as it is wanted; undefined when it is no more. */
  async look(current: AnyPod | undefined, held: RuntimePod | undefined): Promise<PodLook> {
    this.pod = current ?? this.pod;
    const pod = this.#written === undefined ? this.pod : { ...this.pod, status: this.#written };
    const isGone = current === undefined;
    const told = await this.#withMessages(pod, held);
    const plan = planPod(pod, told, this.#memory, { ...this.#scene(), isGone });
    this.#memory = plan.memory;
    for (const event of plan.events) this.#record(event);
    if (plan.memory.ending !== undefined) this.#ending.abort();
    this.#follow(plan.pod, told);
    for (const action of plan.actions) this.#begin(action, plan.pod, told);
    const unwrittenMs = isGone ? undefined : await this.#write(pod, plan);
    const isOver = isGone && told === undefined && this.#busy.size === 0 && this.#isTornDown;
    return { isOver, againInMs: this.#againInMs(plan, unwrittenMs) };
  }

  /**
   * Begins nothing any more. What runs goes on, and so does what the runtime was asked for and has not answered:
   * it may take as long as the grace of a pod.
   */
  [Symbol.dispose](): void {
    this.#stopping.abort();
    this.#ending.abort();
    this.#parts.prober.follow(this.#uid, []);
  }

  get #uid(): string {
    return this.pod.metadata?.uid ?? '';
  }

  get #isTornDown(): boolean {
    return this.#memory.refusal !== undefined || this.#memory.isTornDown === true;
  }

  #scene(): Omit<Parameters<typeof planPod>[3], 'isGone'> {
    const { clock, runtime, configs } = this.#parts;
    return {
      nowMs: clock.now(),
      scheme: runtime.version.replace(/:\/\/.*/, ''),
      probes: (each) => this.#verdict(each),
      resizeProblem: () => this.#resizeProblem(this.pod),
      isOutdated: (record, each) => configs.isOutdated(record, each.spec),
      busy: this.#busy,
      eviction: this.#parts.pressure.evictionOf(this.#uid),
      hostAddresses: this.#parts.hostAddresses(),
    };
  }

  #verdict(each: ContainerView): ProbeVerdict {
    const { record, status, spec } = each;
    const known = record && this.#parts.prober.verdict(record.id);
    if (known !== undefined) return known;
    const isSame = record !== undefined && status?.containerID?.endsWith(`/${record.id}`) === true;
    const before = { isStarted: status?.started === true, isReady: status?.ready === true };
    return firstVerdict(spec, isSame ? before : undefined);
  }

  #record(event: EventText): void {
    this.#parts.recorder.record(Pod, this.pod, event);
  }

  /** With what containers that have ended have left to be told. */
  async #withMessages(pod: AnyPod, held: RuntimePod | undefined): Promise<RuntimePod | undefined> {
    if (held === undefined || isPodOver(pod)) return held;
    const { configs } = this.#parts;
    const before = new Map(this.#messages);
    this.#messages.clear();
    for (const each of held.containers) {
      if (each.state !== 'exited') continue;
      const isKnown = before.has(each.id);
      const message = isKnown ? before.get(each.id) : await configs.terminationMessage(pod, each);
      this.#messages.set(each.id, message);
    }
    const containers = held.containers.map((each) => {
      const message = this.#messages.get(each.id);
      return message === undefined ? each : { ...each, message };
    });
    return { ...held, containers };
  }

  /** One after the other: they write the same files. */
  #setUp(pod: AnyPod): ReturnType<PodWorkerParts['volumes']['setUp']> {
    const { volumes } = this.#parts;
    const next = this.#settingUp.then(() => volumes.setUp(pod));
    this.#settingUp = next.catch(() => undefined);
    return next;
  }

  /** Probes what runs, as long as it is not to end. */
  #follow(pod: AnyPod, held: RuntimePod | undefined): void {
    const view = viewPod(pod, held, this.#memory, this.#busy);
    const host = pod.status?.podIP ?? this.#parts.hostAddresses()[0];
    const targets = view.containers.flatMap((each) => {
      const { record, spec } = each;
      if (record === undefined || host === undefined || !isAlive(each)) return [];
      return [
        {
          containerId: record.id,
          container: spec,
          host,
          startedMs: record.startedMs ?? record.createdMs,
          verdict: this.#verdict(each),
          isEnding: this.#memory.ending !== undefined,
          record: (reason: string, message: string) =>
            this.#record(containerWarning(each, reason, message)),
          onChange: this.#wake,
        },
      ];
    });
    this.#parts.prober.follow(this.#uid, targets);
  }

  #begin(action: PodAction, pod: AnyPod, held: RuntimePod | undefined): void {
    const task = taskOf(action);
    const before = this.#busy.get(task);
    // Only an end that shall come sooner is asked for beside one that is under way.
    const isSooner = before !== undefined && action.kind === 'stop-container';
    if ((before !== undefined && !isSooner) || this.#stopping.signal.aborted) return;
    const view = viewPod(pod, held, this.#memory, this.#busy);
    this.#busy.set(task, action);
    void this.#carryOut(action, view).finally(() => {
      if (this.#isLooking) this.#justEnded.push([task, action]);
      else this.#free(task, action);
      if (!this.#stopping.signal.aborted) this.#wake();
    });
  }

  #free(task: string, action: PodAction): void {
    if (this.#busy.get(task) === action) this.#busy.delete(task);
  }

  async #carryOut(action: PodAction, view: ReturnType<typeof viewPod>): Promise<void> {
    const { clock, logger } = this.#parts;
    const task = taskOf(action);
    const isStart = action.kind === 'start-container' || action.kind === 'start-sandbox';
    try {
      const change = await carryOut(action, {
        parts: this.#parts,
        view,
        record: (event) => this.#record(event),
        setUp: (pod) => this.#setUp(pod),
        signal: isStart ? this.#ending.signal : this.#stopping.signal,
      });
      this.#memory = change(this.#memory);
    } catch (error) {
      this.#memory = withFailure(this.#memory, task, { nowMs: clock.now() });
      if (this.#stopping.signal.aborted) return;
      const { name, namespace } = this.pod.metadata ?? {};
      logger.warn('a step of a pod has failed and is tried again', {
        pod: `${namespace}/${name}`,
        step: action.kind,
        error,
      });
    }
  }

  /** Writes a status that is different; answers how long one has to wait that is about to change again. */
  async #write(pod: AnyPod, plan: PodPlan): Promise<number | undefined> {
    const isSame = equalsJson((pod.status ?? {}) as never, (plan.pod.status ?? {}) as never);
    if (isSame) {
      this.#unsettledSinceMs = undefined;
      return undefined;
    }
    const { clock, pods } = this.#parts;
    this.#unsettledSinceMs ??= clock.elapsed();
    const waitMs = this.#unsettledSinceMs + unsettledMsMax - clock.elapsed();
    if (waitMs > 0 && this.#isUnsettled() && !isUrgent(pod, plan.pod)) return waitMs;
    const written = await pods.writeStatus(pod, plan.pod);
    this.#unsettledSinceMs = undefined;
    if (written === undefined) return undefined;
    this.#written = written.status;
    const forget = (): void => {
      if (this.#written === written.status) this.#written = undefined;
    };
    // Nothing waits for it: containers are looked after also while the API is silent.
    void pods.reached(written, { signal: this.#stopping.signal }).then(forget, forget);
    return undefined;
  }

  #isUnsettled(): boolean {
    for (const { kind } of this.#busy.values()) {
      if (kind === 'start-sandbox' || kind === 'start-container') return true;
    }
    return false;
  }

  #againInMs(plan: PodPlan, unwrittenMs: number | undefined): number | undefined {
    const { clock } = this.#parts;
    const dueMs = plan.dueMs === undefined ? undefined : Math.max(1, plan.dueMs - clock.now());
    if (dueMs === undefined || unwrittenMs === undefined) return dueMs ?? unwrittenMs;
    return Math.min(dueMs, unwrittenMs);
  }
}

/** Somebody relies on this: the pod serves no more, or is over, or something of it has ended. */
function isUrgent(before: AnyPod, after: AnyPod): boolean {
  if (isPodOver(after)) return true;
  const old = podContainers(before);
  return podContainers(after).some(({ status }, index) => {
    const was = old[index]?.status;
    const hasEnded = was?.state?.running !== undefined && status?.state?.running === undefined;
    return hasEnded || (was?.ready === true && status?.ready !== true);
  });
}
