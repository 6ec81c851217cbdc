import type { Clock, Random, Timer } from '@fairway/host';
import type { Container, Probe } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { RuntimeStreams } from '../runtime/runtime-streams.ts';
import { type ProbeTally, countOutcome } from './probe-tally.ts';
import type { ProbeVerdict } from './probe-verdict.ts';
import { runProbe } from './run-probe.ts';

type ProbedContainer = Pick<
  DeepReadonly<Container>,
  'livenessProbe' | 'ports' | 'readinessProbe' | 'startupProbe'
>;

/** A run of a container that is to be probed. */
export interface ProbeTarget {
  readonly containerId: string;
  readonly container: ProbedContainer;
  /** Where its pod is to be reached. */
  readonly host: string;
  readonly startedMs: number;
  /** What is held of it before its probes say anything. */
  readonly verdict: ProbeVerdict;
  /** It was asked to end: nothing but its readiness matters any more. */
  readonly isEnding: boolean;
  /** Says what its probes find wrong. */
  readonly record: (reason: string, message: string) => void;
  /** Its verdict has changed. */
  readonly onChange: () => void;
}

/**
 * What is held of a run before its probes say anything: one that was ready before its agent started again stays
 * so, others have to show it.
 */
export function firstVerdict(
  { startupProbe, readinessProbe }: ProbedContainer,
  before: { readonly isStarted: boolean; readonly isReady: boolean } | undefined,
): ProbeVerdict {
  return {
    isStarted: startupProbe === undefined || before?.isStarted === true,
    isReady: readinessProbe === undefined || before?.isReady === true,
  };
}

/** Probes the containers of a node, and knows what their probes say. */
export class Prober implements Disposable {
  readonly #runtime: Pick<RuntimeStreams, 'execToEnd' | 'reach'>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #runs = new Map<string, ProbedRun>();
  /** Of the pod, by uid. */
  readonly #followed = new Map<string, ReadonlySet<string>>();

  constructor(options: {
    readonly runtime: Pick<RuntimeStreams, 'execToEnd' | 'reach'>;
    readonly clock: Clock;
    readonly random: Random;
  }) {
    this.#runtime = options.runtime;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** Probes these runs of a pod from now on, and no others of it. */
  follow(podUid: string, targets: readonly ProbeTarget[]): void {
    const wanted = new Set(targets.map(({ containerId }) => containerId));
    for (const id of this.#followed.get(podUid) ?? []) if (!wanted.has(id)) this.#end(id);
    if (wanted.size === 0) this.#followed.delete(podUid);
    else this.#followed.set(podUid, wanted);
    for (const target of targets) {
      const parts = { runtime: this.#runtime, clock: this.#clock, random: this.#random };
      const run = this.#runs.get(target.containerId) ?? new ProbedRun(target, parts);
      this.#runs.set(target.containerId, run);
      if (target.isEnding) run.forgetLife();
    }
  }

  /** Undefined for one that is not followed. */
  verdict(containerId: string): ProbeVerdict | undefined {
    return this.#runs.get(containerId)?.verdict;
  }

  [Symbol.dispose](): void {
    for (const id of this.#runs.keys()) this.#end(id);
    this.#followed.clear();
  }

  #end(containerId: string): void {
    this.#runs.get(containerId)?.[Symbol.dispose]();
    this.#runs.delete(containerId);
  }
}

type ProbeKind = 'liveness' | 'readiness' | 'startup';

interface RunParts {
  readonly runtime: Pick<RuntimeStreams, 'execToEnd' | 'reach'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Tries that could not be made are made again at once, so often at the most. */
const triesMax = 3;

class ProbedRun implements Disposable {
  verdict: ProbeVerdict;
  readonly #target: ProbeTarget;
  readonly #parts: RunParts;
  readonly #tallies = new Map<ProbeKind, ProbeTally>();
  readonly #timers = new Map<ProbeKind, Timer>();
  readonly #ending = new AbortController();
  #isForgotten = false;

  constructor(target: ProbeTarget, parts: RunParts) {
    this.#target = target;
    this.#parts = parts;
    this.verdict = target.verdict;
    const { container, verdict, startedMs } = target;
    const passed = { liveness: true, readiness: verdict.isReady, startup: verdict.isStarted };
    for (const kind of ['startup', 'liveness', 'readiness'] as const) {
      const probe = probeOf(container, kind);
      if (probe === undefined) continue;
      this.#tallies.set(kind, { isPassed: passed[kind], run: 0, last: undefined });
      const delayMs = (probe.initialDelaySeconds ?? 0) * 1_000;
      const waitMs = Math.max(0, startedMs + delayMs - parts.clock.now());
      // Those that ran before the agent started do not all come at once.
      const isOld = waitMs === 0 && startedMs < parts.clock.now() - periodMs(probe);
      const spreadMs = isOld ? parts.random.fraction() * periodMs(probe) : 0;
      this.#schedule(kind, probe, waitMs + spreadMs);
    }
  }

  /** Nobody asks any more whether it lives. */
  forgetLife(): void {
    this.#isForgotten = true;
    for (const kind of ['startup', 'liveness'] as const) this.#timers.get(kind)?.cancel();
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #schedule(kind: ProbeKind, probe: DeepReadonly<Probe>, delayMs: number): void {
    this.#timers.get(kind)?.cancel();
    const isOver = this.#ending.signal.aborted || (this.#isForgotten && kind !== 'readiness');
    if (isOver) return;
    const timer = this.#parts.clock.schedule(delayMs, () => void this.#tick(kind, probe));
    this.#timers.set(kind, timer);
  }

  async #tick(kind: ProbeKind, probe: DeepReadonly<Probe>): Promise<void> {
    const { clock } = this.#parts;
    const beganMs = clock.elapsed();
    this.#timers.delete(kind);
    const { isStarted } = this.verdict;
    if (kind === 'startup' ? isStarted : !isStarted) {
      // The startup probe calls for the others when it has passed.
      return;
    }
    const outcome = await this.#try(kind, probe);
    if (this.#ending.signal.aborted) return;
    if (outcome !== undefined) this.#count(kind, probe, outcome);
    if (this.verdict.failed !== undefined) return;
    if (kind === 'startup' && this.verdict.isStarted) return;
    this.#schedule(kind, probe, Math.max(0, beganMs + periodMs(probe) - clock.elapsed()));
  }

  /** Undefined: nothing is known. */
  async #try(kind: ProbeKind, probe: DeepReadonly<Probe>): Promise<boolean | undefined> {
    const { containerId, container, host, record } = this.#target;
    const { signal } = this.#ending;
    const scene = { ...this.#parts, containerId, container, host, signal };
    let outcome = await runProbe(probe, scene);
    for (let tries = 1; outcome.kind === 'error' && tries < triesMax; tries++) {
      if (signal.aborted) return undefined;
      outcome = await runProbe(probe, scene);
    }
    if (signal.aborted) return undefined;
    const name = `${kind[0]?.toUpperCase()}${kind.slice(1)} probe`;
    switch (outcome.kind) {
      case 'success':
        if (outcome.warning !== undefined) {
          record('ProbeWarning', `${name} warning: ${outcome.warning}`);
        }
        return true;
      case 'failure':
        record('Unhealthy', `${name} failed: ${outcome.message}`);
        return false;
      case 'error':
        record('Unhealthy', `${name} errored and resulted in unknown state: ${outcome.message}`);
        return undefined;
    }
  }

  #count(kind: ProbeKind, probe: DeepReadonly<Probe>, isSuccess: boolean): void {
    const before = this.#tallies.get(kind);
    if (before === undefined) return;
    const after = countOutcome(before, isSuccess, probe);
    this.#tallies.set(kind, after);
    const isFinal = after.last === false && after.run >= (probe.failureThreshold ?? 3);
    const graceSeconds = probe.terminationGracePeriodSeconds;
    const grace = graceSeconds === undefined ? {} : { graceSeconds };
    if (kind === 'readiness') this.#become({ ...this.verdict, isReady: after.isPassed });
    else if (isFinal) this.#become({ ...this.verdict, failed: { probe: kind, ...grace } });
    else if (kind === 'startup' && after.isPassed) this.#startOthers();
  }

  #startOthers(): void {
    this.#become({ ...this.verdict, isStarted: true });
    for (const kind of ['liveness', 'readiness'] as const) {
      const probe = probeOf(this.#target.container, kind);
      if (probe !== undefined && !this.#timers.has(kind)) this.#schedule(kind, probe, 0);
    }
  }

  #become(verdict: ProbeVerdict): void {
    const before = this.verdict;
    this.verdict = verdict;
    const isSame =
      before.isReady === verdict.isReady &&
      before.isStarted === verdict.isStarted &&
      before.failed?.probe === verdict.failed?.probe;
    if (!isSame) this.#target.onChange();
  }
}

function probeOf(container: ProbedContainer, kind: ProbeKind): DeepReadonly<Probe> | undefined {
  return container[`${kind}Probe`];
}

function periodMs({ periodSeconds = 10 }: DeepReadonly<Probe>): number {
  return periodSeconds * 1_000;
}
