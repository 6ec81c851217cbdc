import type { Authorizer } from '@fairway/access';
import type { Clock, Logger, Random } from '@fairway/host';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import type { Store } from '@fairway/store';
import type { Dial } from '../../calls/dial.ts';
import type { ClusterReader } from '../../reads/cluster-reader.ts';
import type { StoredFacts } from '../../reads/stored-facts.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import { IndexWhenAsked } from '../../storage/index-when-asked.ts';
import { collectionRange } from '../../storage/storage-key.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission-plugin.ts';
import { isExemptFromWebhooks } from '../matching/exempt-configurations.ts';
import { type Hook, HooksByConfiguration } from './hooks.ts';
import type { askMutatingWebhooks } from './mutating-webhooks.ts';
import type { askValidatingWebhooks } from './validating-webhooks.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

export interface AdmissionWebhookParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly schemas: BuiltInSchemas;
  readonly facts: StoredFacts;
  readonly cluster: ClusterReader;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly webhookMetrics: WebhookMetrics;
  /** Absent: a webhook cannot be called, which its `failurePolicy` decides about. */
  readonly dial?: Dial;
  /** Aborts when the server ends. */
  readonly signal: AbortSignal;
}

/**
 * Has webhooks say what may be stored, and change it, as their configurations ask for. Configurations are
 * followed from the first question on, and what calls webhooks is loaded with the first of them.
 *
 * Source: Kubernetes documentation, "Dynamic Admission Control"; admissionregistration.k8s.io/v1.
 */
export class AdmissionWebhooks {
  readonly #parts: AdmissionWebhookParts;
  readonly #mutating: FollowedHooks;
  readonly #validating: FollowedHooks;
  #askMutating: typeof askMutatingWebhooks | undefined;
  #askValidating: typeof askValidatingWebhooks | undefined;
  #hasBegun = false;

  constructor(parts: AdmissionWebhookParts) {
    this.#parts = parts;
    this.#mutating = hooksOf('mutatingwebhookconfigurations', parts);
    this.#validating = hooksOf('validatingwebhookconfigurations', parts);
  }

  /**
   * From now on webhooks are asked. What a server writes before it is ready passes without: a webhook that runs in
   * the cluster could never be reached otherwise.
   */
  begin(): void {
    this.#hasBegun = true;
  }

  get mutatingPlugin(): AdmissionPlugin {
    return {
      name: 'MutatingAdmissionWebhook',
      operations,
      admit: async (request) => {
        const hooks = await this.#hooksFor(this.#mutating, request);
        if (hooks.length === 0) return;
        // An import that is repeated costs some microseconds.
        this.#askMutating ??= (await import('./mutating-webhooks.ts')).askMutatingWebhooks;
        await this.#askMutating(hooks, request, this.#parts);
      },
    };
  }

  get validatingPlugin(): AdmissionPlugin {
    return {
      name: 'ValidatingAdmissionWebhook',
      operations,
      validate: async (request) => {
        const hooks = await this.#hooksFor(this.#validating, request);
        if (hooks.length === 0) return;
        this.#askValidating ??= (await import('./validating-webhooks.ts')).askValidatingWebhooks;
        await this.#askValidating(hooks, request, this.#parts);
      },
    };
  }

  /** Resolves when it follows no more. */
  async ended(): Promise<void> {
    await Promise.all([this.#mutating.ended(), this.#validating.ended()]);
  }

  async #hooksFor(
    followed: FollowedHooks,
    { resource }: AdmissionRequest,
  ): Promise<readonly Hook[]> {
    if (!this.#hasBegun || isExemptFromWebhooks(resource)) return [];
    return (await followed.current()).all;
  }
}

const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

/** The hooks of all configurations of one kind. */
function hooksOf(plural: string, parts: AdmissionWebhookParts): FollowedHooks {
  const resource = parts.registry.builtInResource('admissionregistration.k8s.io', plural);
  const range = collectionRange(resource, '');
  return new IndexWhenAsked(range, () => new HooksByConfiguration(parts.facts), parts);
}

type FollowedHooks = IndexWhenAsked<HooksByConfiguration>;
