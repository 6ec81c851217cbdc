import type { Store } from '@fairway/store';
import type { AdmissionPlugin } from './admission/admission-plugin.ts';
import { type AdmissionParts, admissionPlugins } from './admission/admission-plugins.ts';
import { measureAdmission } from './admission/measure-admission.ts';
import {
  AdmissionPolicies,
  admissionPoliciesRange,
} from './admission/policies/admission-policies.ts';
import {
  type AdmissionWebhookParts,
  AdmissionWebhooks,
} from './admission/webhooks/admission-webhooks.ts';
import { WebhookMetrics } from './admission/webhooks/webhook-metrics.ts';
import type { ApiServerOptions } from './api-server-options.ts';
import type { MeasureParts } from './metrics/access-metrics.ts';
import { type FollowedSource, followRange } from './storage/follow-range.ts';

type ServerAdmissionOptions = Pick<
  ApiServerOptions,
  | 'admissionConfigurations'
  | 'admissionPlugins'
  | 'allowsPrivileged'
  | 'disabledAdmissionPlugins'
  | 'enabledAdmissionPlugins'
>;

export interface ServerAdmissionParts
  extends
    Omit<AdmissionParts, 'configurations' | 'policies' | 'webhooks'>,
    Omit<AdmissionWebhookParts, 'authorizer' | 'webhookMetrics'> {
  /** For who answers callers; `store` is for who follows it. */
  readonly servedStore: Store;
  readonly measuring: MeasureParts;
}

/**
 * Who has a say in what is written on this server: plugins, and by what its store holds policies and webhooks.
 * How long each takes is measured.
 */
export class ServerAdmission {
  readonly plugins: readonly AdmissionPlugin[];
  readonly #policies = new AdmissionPolicies();
  readonly #webhooks: AdmissionWebhooks;

  constructor(options: ServerAdmissionOptions, parts: ServerAdmissionParts) {
    const { admissionConfigurations: configurations = {}, admissionPlugins: others = [] } = options;
    const { guard, servedStore, measuring } = parts;
    this.#webhooks = new AdmissionWebhooks({
      ...parts,
      authorizer: guard.authorizer,
      webhookMetrics: new WebhookMetrics(measuring),
    });
    const held = { policies: this.#policies, webhooks: this.#webhooks };
    const own = admissionPlugins(
      { ...parts, ...held, configurations, store: servedStore },
      options,
    );
    this.plugins = measureAdmission([...own, ...others], measuring);
  }

  /** Resolves when it knows all policies that the store holds; `ended` when it follows no more. */
  follow(source: FollowedSource): Promise<{ readonly ended: Promise<void> }> {
    return followRange(admissionPoliciesRange, this.#policies, source);
  }

  /** From now on webhooks are asked. */
  beginWebhooks(): void {
    this.#webhooks.begin();
  }

  /** Resolves when it follows webhooks no more, after `signal` has aborted. */
  async webhooksEnded(): Promise<void> {
    await this.#webhooks.ended();
  }
}
