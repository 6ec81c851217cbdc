import { type Client, isNamespaceTerminating } from '@fairway/client';
import { messageOf } from '@fairway/host';
import { type CronJob, Job } from '@fairway/kinds/batch/v1';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { type Informer, type ReconcileRequest, deleteUnlessOutdated } from '@fairway/reconcile';
import { createOwned } from '../owned-objects/create-owned.ts';

/** Makes and deletes the jobs of one cron job, and tells of it in events about that cron job. */
export class JobMaker {
  readonly #client: Client;
  readonly #jobs: Informer<Job>;
  readonly #request: ReconcileRequest<CronJob>;

  constructor(
    parts: { readonly client: Client; readonly jobs: Informer<Job> },
    request: ReconcileRequest<CronJob>,
  ) {
    this.#client = parts.client;
    this.#jobs = parts.jobs;
    this.#request = request;
  }

  /**
   * Answers the job when the cache has it: the one that was made before, when its making was not heard of.
   * Undefined where the namespace is being emptied. Errors: what the server refused, told in an event.
   */
  async create(
    cronJob: DeepReadonly<CronJob>,
    job: DeepReadonly<Job>,
  ): Promise<DeepReadonly<Job> | undefined> {
    const { signal, record } = this.#request;
    try {
      const outcome = await createOwned<Job>(this.#client, Job, {
        owner: cronJob as KubernetesObject,
        object: job,
        signal,
      });
      if (outcome.kind === 'taken') throw outcome.refusal;
      if (outcome.kind === 'made') {
        const message = `Created job ${outcome.object.metadata?.name}`;
        record({ type: 'Normal', reason: 'SuccessfulCreate', message });
      }
      await this.#jobs.reached(outcome.object, { signal });
      return outcome.object;
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      this.#recordFailure('FailedCreate', 'Error creating job', error);
      throw error;
    }
  }

  /** Answers when the cache knows of it; one that is gone already is none the worse. Errors: as above. */
  async delete(job: { readonly name?: string; readonly uid?: string }): Promise<void> {
    const { signal, record, namespace } = this.#request;
    const { name = '', uid } = job;
    const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }) };
    const how = { propagationPolicy: 'Background', signal } as const;
    try {
      if (!(await deleteUnlessOutdated(this.#client, Job, { metadata }, how))) return;
    } catch (error) {
      this.#recordFailure('FailedDelete', 'Deleted job', error);
      throw error;
    }
    record({ type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` });
    await this.#jobs.deletionReached({ metadata }, { signal });
  }

  #recordFailure(reason: string, what: string, error: unknown): void {
    if (this.#request.signal.aborted) return;
    const cause = messageOf(error);
    this.#request.record({ type: 'Warning', reason, message: `${what}: ${cause}` });
  }
}
