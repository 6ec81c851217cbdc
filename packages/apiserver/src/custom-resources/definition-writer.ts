import type { Clock, Logger } from '@fairway/host';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionStatus,
} from '@fairway/kinds/apiextensions/v1';
import { type Handler, formatTime } from '@fairway/protocol';
import { cleanupFinalizer } from './definition-removal.ts';
import { condition, withConditions } from './definition-status.ts';
import { callApi } from '../calls/call-api.ts';
import { WritesInTurn } from '../calls/writes-in-turn.ts';

/**
 * Writes the status of definitions, one write after the other. A write that conflicts is dropped:
 * the change that came first will be processed in turn.
 */
export class DefinitionWriter {
  readonly #handler: Handler;
  readonly #clock: Clock;
  readonly #statuses: WritesInTurn;

  constructor({
    handler,
    clock,
    logger,
  }: {
    readonly handler: Handler;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#handler = handler;
    this.#clock = clock;
    this.#statuses = new WritesInTurn(handler, (definition, error) =>
      logger.warn('the status of a definition could not be written', { definition, error }),
    );
  }

  writeStatus(definition: CustomResourceDefinition, status: CustomResourceDefinitionStatus): void {
    const next: CustomResourceDefinition = { ...definition, status };
    void this.#statuses.put(statusPathOf(definition.metadata?.name ?? ''), next);
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
    const done = condition('Terminating', 'False', {
      reason: 'InstanceDeletionCompleted',
      message: 'removed all instances',
    });
    const current = await this.#putCondition(name, done);
    const finalizers = (current.metadata?.finalizers ?? []).filter(
      (each) => each !== cleanupFinalizer,
    );
    const next = { ...current, metadata: { ...current.metadata, finalizers } };
    await callApi(this.#handler, 'PUT', pathOf(name), next);
  }

  settled(): Promise<void> {
    return this.#statuses.settled();
  }

  async #putCondition(
    name: string,
    wanted: CustomResourceDefinitionCondition,
  ): Promise<CustomResourceDefinition> {
    const handler = this.#handler;
    const definition = (await callApi(handler, 'GET', pathOf(name))) as CustomResourceDefinition;
    const now = formatTime(this.#clock.now());
    const { status } = definition;
    const conditions = withConditions(status?.conditions ?? [], [wanted], now);
    if (conditions === undefined) return definition;
    const next = { ...definition, status: { ...status, conditions } };
    return (await callApi(handler, 'PUT', statusPathOf(name), next)) as CustomResourceDefinition;
  }
}

function statusPathOf(name: string): string {
  return `${pathOf(name)}/status`;
}

function pathOf(name: string): string {
  return `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
}
