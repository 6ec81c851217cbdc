import type { Client } from '@fairway/client';
import { Job, type JobStatus } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type Informer,
  type ReconcileRequest,
  type Requeue,
  requeueAfter,
} from '@fairway/reconcile';
import { ownedBy } from '../caches/object-indexes.ts';
import { firstFailure } from '../first-failure.ts';
import { PodWriter } from '../pods/pod-writer.ts';
import { slowStart } from '../pods/slow-start.ts';
import { writeStatus } from '../write-status.ts';
import { countPods, settleCounts, uidsOf } from './count-pods.ts';
import { type JobEnding, untilDeadlineMs } from './ending.ts';
import type { JobFacts } from './job-facts.ts';
import { isTracked } from './job-pods.ts';
import {
  type SuspensionChange,
  begunStatus,
  finishedStatus,
  suspensionChange,
  withActivity,
  withEnding,
} from './job-status.ts';
import type { NextStep } from './next-step.ts';
import { releasePods } from './release-pods.ts';

type AnyJob = DeepReadonly<Job>;

/** Carries out what was decided for one job. */
export class JobWriter {
  readonly #client: Client;
  readonly #pods: Informer<Pod>;
  readonly #request: ReconcileRequest<Job>;
  readonly #podWriter: PodWriter;

  constructor(
    parts: { readonly client: Client; readonly pods: Informer<Pod> },
    request: ReconcileRequest<Job>,
  ) {
    this.#client = parts.client;
    this.#pods = parts.pods;
    this.#request = request;
    this.#podWriter = new PodWriter(parts, request);
  }

  /**
   * Makes and deletes pods, then writes what was counted, lets the counted pods go, and writes that they
   * went. `onCounted` is called when the status knows of what has ended. Answers when to look again.
   *
   * Errors: the first of what failed on the way; what else could be done is done.
   */
  async take(step: NextStep, facts: JobFacts, onCounted: () => void): Promise<Requeue | undefined> {
    const failure = await this.#changePods(step);
    const ending = step.kind === 'end' && failure === undefined ? step.ending : undefined;
    const change = failure === undefined ? suspensionChange(facts, step) : undefined;
    const begun = withActivity(begunStatus(facts, change), this.#podsOf(facts), step);
    const counting = countPods(facts, withEnding(begun, ending, facts.nowMs), ending);
    const counted = await this.#write(facts.job, counting.status);
    if (counted === undefined) return undefined;
    onCounted();
    if (change !== undefined) this.#tellOfSuspension(change);
    const unreleased = await firstFailure([this.#release(counting.released)]);
    const end = counting.isWhole ? ending : undefined;
    await this.#settle(counted, { step, end, facts });
    if ((failure ?? unreleased) !== undefined) throw failure ?? unreleased;
    return nextLook(step, facts);
  }

  /** Counts the pods that went, and ends the job when none is left to wait for. */
  async #settle(
    counted: AnyJob,
    by: {
      readonly step: NextStep;
      readonly end: JobEnding | undefined;
      readonly facts: JobFacts;
    },
  ): Promise<void> {
    const { step, end, facts } = by;
    const left = this.#podsOf(facts);
    const status = settleCounts(
      withActivity(counted.status ?? {}, left, step),
      uidsOf(left.filter(isTracked)),
    );
    const finished = end && finishedStatus(status, end, facts.nowMs);
    const written = await this.#write(counted, finished ?? status);
    if (end !== undefined && finished !== undefined && written !== undefined) {
      this.#tellOfEnd(written, end);
    }
  }

  /** Answers what failed. */
  async #changePods(step: NextStep): Promise<unknown> {
    switch (step.kind) {
      case 'end':
        return firstFailure(step.pods.map((pod) => this.#podWriter.delete(pod)));
      case 'remove':
        return firstFailure(step.pods.map((pod) => this.#remove(pod)));
      case 'create': {
        const { failure } = await slowStart(step.pods, (pod) => this.#podWriter.create(pod));
        return failure;
      }
      case 'wait':
      case 'rest':
        return undefined;
    }
  }

  /** Its end is not to be counted: unless it came before. */
  async #remove(pod: DeepReadonly<Pod>): Promise<void> {
    await this.#release([pod], { areAsRead: true });
    await this.#podWriter.delete(pod);
  }

  async #release(
    released: readonly DeepReadonly<Pod>[],
    how: { readonly areAsRead?: boolean } = {},
  ): Promise<void> {
    const parts = { client: this.#client, pods: this.#pods };
    await releasePods(parts, released, { ...how, signal: this.#request.signal });
  }

  #write(job: AnyJob, status: JobStatus): Promise<AnyJob | undefined> {
    return writeStatus<Job>(this.#request, Job, { object: job, status });
  }

  #podsOf({ job }: JobFacts): readonly DeepReadonly<Pod>[] {
    return ownedBy(this.#pods, job);
  }

  #tellOfSuspension(change: SuspensionChange): void {
    const isSuspended = change === 'suspended';
    const reason = isSuspended ? 'Suspended' : 'Resumed';
    const message = isSuspended ? 'Job suspended' : 'Job resumed';
    this.#request.record({ type: 'Normal', reason, message });
  }

  #tellOfEnd({ spec, status }: AnyJob, { type, reason, message }: JobEnding): void {
    const { record } = this.#request;
    if (type === 'FailureTarget') return record({ type: 'Warning', reason, message });
    if (spec?.completions !== undefined && (status?.succeeded ?? 0) > spec.completions) {
      const tooMany = 'Too many succeeded pods running after completion count reached';
      record({ type: 'Warning', reason: 'TooManySucceededPods', message: tooMany });
    }
    record({ type: 'Normal', reason: 'Completed', message: 'Job completed' });
  }
}

/** When time alone will have changed what a job needs. */
function nextLook(step: NextStep, facts: JobFacts): Requeue | undefined {
  if (step.kind === 'end') return undefined;
  const againInMs = step.kind === 'wait' || step.kind === 'create' ? step.againInMs : undefined;
  const waits = [againInMs, untilDeadlineMs(facts)].filter((each) => each !== undefined);
  return waits.length === 0 ? undefined : requeueAfter(Math.min(...waits));
}
