import type { Authorizer } from '@fairway/access';
import type { Clock, Logger, Random } from '@fairway/host';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import type { KubernetesObject } from '@fairway/protocol';
import type { Dial } from '../../calls/dial.ts';
import type { ClusterReader } from '../../reads/cluster-reader.ts';
import type { StoredFacts } from '../../reads/stored-facts.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import type {
  AdmissionPlugin,
  AdmissionRequest,
  AdmitRequest,
  ValidateRequest,
} from '../admission-plugin.ts';
import { isExemptFromWebhooks } from '../matching/exempt-configurations.ts';
import type { Hook, HooksByConfiguration } from './hooks.ts';
import type { askMutatingWebhooks } from './mutating-webhooks.ts';
import type { askValidatingWebhooks } from './validating-webhooks.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

export interface AdmissionWebhookParts {
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
}

/** The webhooks there are now, of each kind. */
export interface FollowedWebhooks {
  readonly mutatingWebhooks: HooksByConfiguration;
  readonly validatingWebhooks: HooksByConfiguration;
}

/**
 * Has webhooks say what may be stored, and change it, as their configurations ask for. What calls webhooks is
 * loaded with the first of them.
 *
 * Source: Kubernetes documentation, "Dynamic Admission Control"; admissionregistration.k8s.io/v1.
 */
export class AdmissionWebhooks {
  readonly #followed: () => FollowedWebhooks;
  readonly #parts: AdmissionWebhookParts;
  #askMutating: typeof askMutatingWebhooks | undefined;
  #askValidating: typeof askValidatingWebhooks | undefined;
  #hasBegun = false;

  constructor(followed: () => FollowedWebhooks, parts: AdmissionWebhookParts) {
    this.#followed = followed;
    this.#parts = parts;
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
      admit: (request) => {
        const hooks = this.#hooksFor(request, this.#followed().mutatingWebhooks);
        return hooks.length === 0 ? undefined : this.#mutate(hooks, request);
      },
    };
  }

  get validatingPlugin(): AdmissionPlugin {
    return {
      name: 'ValidatingAdmissionWebhook',
      operations,
      validate: (request) => {
        const hooks = this.#hooksFor(request, this.#followed().validatingWebhooks);
        return hooks.length === 0 ? undefined : this.#validate(hooks, request);
      },
    };
  }

  #hooksFor({ resource }: AdmissionRequest, { all }: HooksByConfiguration): readonly Hook[] {
    return !this.#hasBegun || isExemptFromWebhooks(resource) ? [] : all;
  }

  // An import that is repeated costs some microseconds.
  async #mutate(hooks: readonly Hook[], request: AdmitRequest<KubernetesObject>): Promise<void> {
    this.#askMutating ??= (await import('./mutating-webhooks.ts')).askMutatingWebhooks;
    await this.#askMutating(hooks, request, this.#parts);
  }

  async #validate(
    hooks: readonly Hook[],
    request: ValidateRequest<KubernetesObject>,
  ): Promise<void> {
    this.#askValidating ??= (await import('./validating-webhooks.ts')).askValidatingWebhooks;
    await this.#askValidating(hooks, request, this.#parts);
  }
}

const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
