import type { Client } from '@fairway/client';
import type { Draft } from '@fairway/protocol';
import {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from '@fairway/kinds/admissionregistration/v1';

/** Which configurations are to know the authority; both kinds may have the same name. */
export interface TrustedConfigurations {
  readonly mutating?: string;
  readonly validating?: string;
}

/**
 * Writes an authority (PEM) into the `caBundle` of every webhook of configurations, whoever owns the rest.
 *
 * Errors: those of the client, NotFound for a configuration that is not there.
 */
export async function trustWebhooks(
  client: Client,
  authority: string,
  { mutating, validating }: TrustedConfigurations,
): Promise<void> {
  const caBundle = Buffer.from(authority).toString('base64');
  const trust = (
    draft: Draft<MutatingWebhookConfiguration | ValidatingWebhookConfiguration>,
  ): void => {
    for (const { clientConfig } of draft.webhooks ?? []) {
      if (clientConfig !== undefined) clientConfig.caBundle = caBundle;
    }
  };
  if (mutating !== undefined) await client.update(MutatingWebhookConfiguration, mutating, trust);
  if (validating !== undefined) {
    await client.update(ValidatingWebhookConfiguration, validating, trust);
  }
}
