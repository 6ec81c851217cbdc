import { type Client, isAlreadyExists, isNamespaceTerminating } from '@fairway/client';
import { messageOf } from '@fairway/host';
import { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Informer, type ReconcileRequest, deleteUnlessOutdated } from '@fairway/reconcile';

/** The words in which events tell of pods. */
export interface PodEventWords {
  created(pod: string): string;
  deleted(pod: string): string;
  notCreated(pod: string, cause: string): string;
  notDeleted(pod: string, cause: string): string;
}

/** Those of most owners. */
const usualWords: PodEventWords = {
  created: (pod) => `Created pod: ${pod}`,
  deleted: (pod) => `Deleted pod: ${pod}`,
  notCreated: (_, cause) => `Error creating: ${cause}`,
  notDeleted: (_, cause) => `Error deleting: ${cause}`,
};

/** Makes and deletes the pods of one owner, and tells of it in events about that owner. */
export class PodWriter {
  readonly #client: Client;
  readonly #pods: Informer<Pod>;
  readonly #words: PodEventWords;
  readonly #record: ReconcileRequest<never>['record'];
  readonly #signal: AbortSignal;

  constructor(
    parts: {
      readonly client: Client;
      readonly pods: Informer<Pod>;
      readonly words?: PodEventWords;
    },
    request: Pick<ReconcileRequest<never>, 'record' | 'signal'>,
  ) {
    this.#client = parts.client;
    this.#pods = parts.pods;
    this.#words = parts.words ?? usualWords;
    this.#record = request.record;
    this.#signal = request.signal;
  }

  /** Answers when the cache has the pod. Errors: what the server refused, told in an event. */
  async create(pod: DeepReadonly<Pod>): Promise<Pod> {
    const given = pod.metadata?.name;
    try {
      const created = await this.#client.create(Pod, pod, { signal: this.#signal });
      const message = this.#words.created(created.metadata?.name ?? '');
      this.#record({ type: 'Normal', reason: 'SuccessfulCreate', message });
      await this.#pods.reached(created, { signal: this.#signal });
      return created;
    } catch (error) {
      // A namespace that is being emptied takes no more: nothing to tell of. Nor is it when the pod was
      // made before, and the cache is late.
      const isExpected =
        isNamespaceTerminating(error) || (given !== undefined && isAlreadyExists(error));
      const words = (cause: string): string => this.#words.notCreated(given ?? '', cause);
      if (!isExpected) this.#recordFailure('FailedCreate', words, error);
      throw error;
    }
  }

  /** Answers when the cache knows of it; a pod that is gone already is none the worse. Errors: as above. */
  async delete(pod: DeepReadonly<Pod>): Promise<void> {
    const { name = '' } = pod.metadata ?? {};
    try {
      if (!(await deleteUnlessOutdated(this.#client, Pod, pod, { signal: this.#signal }))) return;
    } catch (error) {
      const words = (cause: string): string => this.#words.notDeleted(name, cause);
      this.#recordFailure('FailedDelete', words, error);
      throw error;
    }
    const message = this.#words.deleted(name);
    this.#record({ type: 'Normal', reason: 'SuccessfulDelete', message });
    await this.#pods.deletionReached(pod, { signal: this.#signal });
  }

  #recordFailure(reason: string, words: (cause: string) => string, error: unknown): void {
    if (this.#signal.aborted) return;
    const cause = messageOf(error);
    this.#record({ type: 'Warning', reason, message: words(cause) });
  }
}
