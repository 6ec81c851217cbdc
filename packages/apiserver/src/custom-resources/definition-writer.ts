import type { Clock, Logger } from '@fairway/host';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionStatus,
} from '@fairway/kinds/apiextensions/v1';
import { ApiError, type Handler, formatTime } from '@fairway/protocol';
import { cleanupFinalizer } from './definition-removal.ts';
import { condition, withConditions } from './definition-status.ts';
import { callApi } from '../calls/call-api.ts';

/**
 * Writes the status of definitions, one write after the other. A write that conflicts is dropped:
 * the change that came first will be processed in turn.
 */
export class DefinitionWriter {
  readonly #parts: { readonly handler: Handler; readonly clock: Clock; readonly logger: Logger };
  #last: Promise<void> = Promise.resolve();

  constructor(parts: {
    readonly handler: Handler;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#parts = parts;
  }

  writeStatus(definition: CustomResourceDefinition, status: CustomResourceDefinitionStatus): void {
    const name = definition.metadata?.name ?? '';
    this.#last = this.#last.then(() =>
      this.#attempt(name, () => this.#putStatus(name, { ...definition, status })),
    );
  }

  /** Writes that the objects of a definition are being removed. */
  async beginRemoval(name: string): Promise<void> {
    const begun = condition('Terminating', 'True', {
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    });
    await this.#putCondition(name, begun);
  }

  /** Writes that all objects of a definition are gone, and removes its finalizer. */
  async finishRemoval(name: string): Promise<void> {
    const { handler } = this.#parts;
    const done = condition('Terminating', 'False', {
      reason: 'InstanceDeletionCompleted',
      message: 'removed all instances',
    });
    const current = await this.#putCondition(name, done);
    const finalizers = (current.metadata?.finalizers ?? []).filter(
      (each) => each !== cleanupFinalizer,
    );
    const next = { ...current, metadata: { ...current.metadata, finalizers } };
    await callApi(handler, 'PUT', pathOf(name), next);
  }

  async settled(): Promise<void> {
    await this.#last;
  }

  async #putCondition(
    name: string,
    wanted: CustomResourceDefinitionCondition,
  ): Promise<CustomResourceDefinition> {
    const { handler, clock } = this.#parts;
    const definition = (await callApi(handler, 'GET', pathOf(name))) as CustomResourceDefinition;
    const now = formatTime(clock.now());
    const { status } = definition;
    const conditions = withConditions(status?.conditions ?? [], [wanted], now);
    if (conditions === undefined) return definition;
    return this.#putStatus(name, { ...definition, status: { ...status, conditions } });
  }

  async #putStatus(
    name: string,
    definition: CustomResourceDefinition,
  ): Promise<CustomResourceDefinition> {
    const { handler } = this.#parts;
    return (await callApi(
      handler,
      'PUT',
      `${pathOf(name)}/status`,
      definition,
    )) as CustomResourceDefinition;
  }

  async #attempt(name: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const isOvertaken =
        error instanceof ApiError && ['Conflict', 'NotFound'].includes(error.reason);
      if (isOvertaken) return;
      this.#parts.logger.warn('the status of a definition could not be written', {
        definition: name,
        error,
      });
    }
  }
}

function pathOf(name: string): string {
  return `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
}
