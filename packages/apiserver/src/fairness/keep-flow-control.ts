import type { Clock, Logger, Timer } from '@fairway/host';
import type { FlowSchema, PriorityLevelConfiguration } from '@fairway/kinds/flowcontrol/v1';
import {
  type Handler,
  type KubernetesObject,
  equalsJson,
  formatResourcePath,
} from '@fairway/protocol';
import { callApi, unless } from '../calls/call-api.ts';
import { danglingCondition } from './dangling-condition.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './default-flow-control.ts';
import { reconcileFlowControl } from './reconcile-flow-control.ts';
import type { RequestFairness } from './request-fairness.ts';

type Plural = 'flowschemas' | 'prioritylevelconfigurations';

/** Others may have written meanwhile; what follows their change comes first. */
const settleMs = 50;
const retryMs = 60_000;

/**
 * Brings back what is missing of the usual flow schemas and priority levels, and says in the status of
 * each schema whether its level exists, through the API and soon after each change.
 */
export class FlowControlKeeper implements AsyncDisposable {
  readonly #handler: Handler;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #fairness: RequestFairness;
  #timer: Timer | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(parts: {
    readonly handler: Handler;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly fairness: RequestFairness;
  }) {
    this.#handler = parts.handler;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#fairness = parts.fairness;
  }

  /** A schema or level has changed. */
  changed(): void {
    this.#lookIn(settleMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel();
    await this.#working;
  }

  #lookIn(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(delayMs, () => {
      this.#working = this.#working.then(() => this.#look());
    });
  }

  async #look(): Promise<void> {
    try {
      const { schemas, configurations } = this.#fairness;
      await this.#keep('prioritylevelconfigurations', defaultPriorityLevels, configurations);
      await this.#keep('flowschemas', defaultFlowSchemas, schemas);
      for (const schema of schemas.values()) await this.#judge(schema);
    } catch (error) {
      this.#logger.warn('flow schemas and priority levels could not be kept', { error });
      this.#lookIn(retryMs);
    }
  }

  async #keep<T extends FlowSchema | PriorityLevelConfiguration>(
    plural: Plural,
    expected: readonly T[],
    stored: ReadonlyMap<string, T>,
  ): Promise<void> {
    for (const each of expected) {
      const name = each.metadata?.name ?? '';
      const held = stored.get(name);
      if (held === undefined) {
        const object = each as KubernetesObject;
        const created = callApi(this.#handler, 'POST', pathOf(plural), object);
        await unless('AlreadyExists', created);
        continue;
      }
      const next = reconcileFlowControl(each, held as KubernetesObject);
      if (next === undefined) continue;
      await unless('NotFound', callApi(this.#handler, 'PUT', pathOf(plural, name), next));
    }
  }

  async #judge(schema: FlowSchema): Promise<void> {
    const level = schema.spec?.priorityLevelConfiguration.name ?? '';
    const wanted = danglingCondition(schema, {
      isDangling: !this.#fairness.configurations.has(level),
      nowMs: this.#clock.now(),
    });
    const { conditions = [] } = schema.status ?? {};
    const before = conditions.find(({ type }) => type === wanted.type);
    if (equalsJson(before, wanted)) return;
    const others = conditions.filter(({ type }) => type !== wanted.type);
    const path = `${pathOf('flowschemas', schema.metadata?.name)}/status`;
    const patch = { status: { conditions: [...others, wanted] } } as KubernetesObject;
    await unless('NotFound', callApi(this.#handler, 'PATCH', path, patch));
  }
}

function pathOf(plural: Plural, name?: string): string {
  const resource = {
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1',
    plural,
    isNamespaced: false,
  };
  return formatResourcePath(resource, name === undefined ? {} : { name });
}
