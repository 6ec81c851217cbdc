import { type Client, isNamespaceTerminating, isNotFound } from '@fairway/client';
import { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { Informer, ReconcileRequest } from '@fairway/reconcile';

/** Makes and deletes the pods of one owner, and tells of it in events about that owner. */
export class PodWriter {
  readonly #client: Client;
  readonly #pods: Informer<Pod>;
  readonly #record: ReconcileRequest<never>['record'];
  readonly #signal: AbortSignal;

  constructor(
    parts: { readonly client: Client; readonly pods: Informer<Pod> },
    request: Pick<ReconcileRequest<never>, 'record' | 'signal'>,
  ) {
    this.#client = parts.client;
    this.#pods = parts.pods;
    this.#record = request.record;
    this.#signal = request.signal;
  }

  /** Answers when the cache has the pod. Errors: what the server refused, told in an event. */
  async create(pod: DeepReadonly<Pod>): Promise<Pod> {
    try {
      const created = await this.#client.create(Pod, pod, { signal: this.#signal });
      const message = `Created pod: ${created.metadata?.name}`;
      this.#record({ type: 'Normal', reason: 'SuccessfulCreate', message });
      await this.#reached(created);
      return created;
    } catch (error) {
      // A namespace that is being emptied takes no more: nothing to tell of.
      if (!isNamespaceTerminating(error)) this.#recordFailure('FailedCreate', 'creating', error);
      throw error;
    }
  }

  /** Answers when the cache knows of it; a pod that is gone already is none the worse. Errors: as above. */
  async delete(pod: DeepReadonly<Pod>): Promise<void> {
    const { name = '', namespace = '', uid } = pod.metadata ?? {};
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    try {
      await this.#client.delete(Pod, name, { namespace, ...preconditions, signal: this.#signal });
    } catch (error) {
      if (isNotFound(error)) return;
      this.#recordFailure('FailedDelete', 'deleting', error);
      throw error;
    }
    const message = `Deleted pod: ${name}`;
    this.#record({ type: 'Normal', reason: 'SuccessfulDelete', message });
    await this.#pods.deletionReached(pod, { signal: this.#signal });
  }

  async #reached(created: Pod): Promise<void> {
    const version = created.metadata?.resourceVersion ?? '';
    await this.#pods.reached(version, { signal: this.#signal });
  }

  #recordFailure(reason: string, doing: string, error: unknown): void {
    if (this.#signal.aborted) return;
    const cause = error instanceof Error ? error.message : String(error);
    this.#record({ type: 'Warning', reason, message: `Error ${doing}: ${cause}` });
  }
}
