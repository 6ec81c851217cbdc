import type { Store } from '@fairway/store';
import { AdmissionChain, type AdmissionSteps } from './admission/admission-chain.ts';
import { type AdmissionParts, admissionPlugins } from './admission/admission-plugins.ts';
import {
  AdmissionRegistrations,
  admissionRegistrationsRange,
} from './admission/admission-registrations.ts';
import { measureAdmission, measureSteps } from './admission/measure-admission.ts';
import { NamespaceLimits } from './admission/namespace-limits.ts';
import {
  type AdmissionWebhookParts,
  AdmissionWebhooks,
} from './admission/webhooks/admission-webhooks.ts';
import { WebhookMetrics } from './admission/webhooks/webhook-metrics.ts';
import type { ApiServerOptions } from './api-server-options.ts';
import type { MeasureParts } from './metrics/access-metrics.ts';
import { type FollowedRange, type FollowedSource, followRanges } from './storage/follow-range.ts';

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
    Omit<AdmissionParts, 'configurations' | 'limits' | 'registrations' | 'store' | 'webhooks'>,
    Omit<AdmissionWebhookParts, 'authorizer' | 'webhookMetrics'> {
  /** As those see it who answer callers. */
  readonly servedStore: Store;
  readonly measuring: MeasureParts;
}

/**
 * Who has a say in what is written on this server: plugins, and by what its store holds policies and webhooks.
 * How long each takes is measured.
 */
export class ServerAdmission {
  readonly steps: AdmissionSteps;
  readonly #followed: readonly FollowedRange[];
  readonly #webhooks: AdmissionWebhooks;

  constructor(options: ServerAdmissionOptions, parts: ServerAdmissionParts) {
    const { admissionConfigurations: configurations = {}, admissionPlugins: others = [] } = options;
    const { guard, servedStore, measuring } = parts;
    const registrations = new AdmissionRegistrations(parts.facts);
    const limits = new NamespaceLimits(parts);
    this.#followed = [
      { range: admissionRegistrationsRange, follower: registrations },
      ...limits.followed,
    ];
    this.#webhooks = new AdmissionWebhooks(() => registrations.index, {
      ...parts,
      authorizer: guard.authorizer,
      webhookMetrics: new WebhookMetrics(measuring),
    });
    const held = { registrations, limits, webhooks: this.#webhooks };
    const own = admissionPlugins(
      { ...parts, ...held, configurations, store: servedStore },
      options,
    );
    const chain = new AdmissionChain(measureAdmission([...own, ...others], measuring));
    this.steps = measureSteps(chain, measuring);
  }

  /** Resolves when it knows all policies, webhooks and limits that the store holds; `ended` when it follows no more. */
  follow(source: FollowedSource): Promise<{ readonly ended: Promise<void> }> {
    return followRanges(this.#followed, source);
  }

  /** From now on webhooks are asked. */
  beginWebhooks(): void {
    this.#webhooks.begin();
  }
}
