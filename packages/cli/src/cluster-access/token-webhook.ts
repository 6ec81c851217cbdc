import { type TokenAuthenticator, webhookTokenAuthenticator } from '@fairway/access';
import type { Host } from '@fairway/host';
import { parseDuration } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { openKubeconfigWebhook } from './kubeconfig-webhook.ts';

/** The webhook that is asked about tokens, in the flags of a kube-apiserver. */
export interface TokenWebhookFlags {
  readonly authenticationTokenWebhookConfigFile?: string;
  readonly authenticationTokenWebhookVersion?: string;
  readonly authenticationTokenWebhookCacheTtl?: string;
}

export interface TokenWebhook extends AsyncDisposable {
  readonly authenticate: TokenAuthenticator;
}

/** Undefined without the flag. Errors: `CommandError`, `KubeconfigError`. */
export async function openTokenWebhook(
  host: Host,
  flags: TokenWebhookFlags,
  audiences: () => readonly string[],
): Promise<TokenWebhook | undefined> {
  const { authenticationTokenWebhookConfigFile: path } = flags;
  const version = flags.authenticationTokenWebhookVersion ?? 'v1beta1';
  if (version !== 'v1' && version !== 'v1beta1') {
    const given = JSON.stringify(version);
    const why = 'it is v1 or v1beta1';
    throw new CommandError(`cannot use --authentication-token-webhook-version ${given}: ${why}`);
  }
  const ttl = flags.authenticationTokenWebhookCacheTtl ?? '2m';
  const ttlMs = parseDuration(ttl);
  if (ttlMs === undefined || ttlMs < 0) {
    const given = JSON.stringify(ttl);
    const why = 'it is a time as 2m or 30s; 0s keeps no answers';
    throw new CommandError(`cannot use --authentication-token-webhook-cache-ttl ${given}: ${why}`);
  }
  if (path === undefined) return undefined;
  const webhook = await openKubeconfigWebhook(host, path);
  const { send } = webhook;
  return {
    authenticate: webhookTokenAuthenticator({ send, clock: host.clock, version, ttlMs, audiences }),
    [Symbol.asyncDispose]: () => webhook[Symbol.asyncDispose](),
  };
}
