import {
  type BuiltInType,
  type ConfiguredAuthorizer,
  type WebhookConfiguration,
  unconditional,
} from '@fairway/access';
import { parseDuration } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

/** How a user wants requests authorized, by the flags of a kube-apiserver. */
export interface AuthorizationFlags {
  readonly authorizationMode?: readonly string[];
  readonly authorizationConfig?: string;
  readonly authorizationWebhookConfigFile?: string;
  readonly authorizationWebhookVersion?: string;
  readonly authorizationWebhookCacheAuthorizedTtl?: string;
  readonly authorizationWebhookCacheUnauthorizedTtl?: string;
}

/** Who authorizes: what flags say, or a file that is read again when it changes. */
export type AuthorizationChoice =
  | { readonly kind: 'flags'; readonly authorizers: readonly ConfiguredAuthorizer[] }
  | { readonly kind: 'file'; readonly path: string };

const modes: readonly string[] = ['Node', 'RBAC', 'AlwaysAllow', 'AlwaysDeny', 'Webhook'];
/** As kube-apiserver spells them. */
const names: readonly (readonly [keyof AuthorizationFlags, string])[] = [
  ['authorizationMode', '--authorization-mode'],
  ['authorizationConfig', '--authorization-config'],
  ['authorizationWebhookConfigFile', '--authorization-webhook-config-file'],
  ['authorizationWebhookVersion', '--authorization-webhook-version'],
  ['authorizationWebhookCacheAuthorizedTtl', '--authorization-webhook-cache-authorized-ttl'],
  ['authorizationWebhookCacheUnauthorizedTtl', '--authorization-webhook-cache-unauthorized-ttl'],
];

/**
 * Reads the flags together; undefined when there are none. Files are not looked at.
 *
 * Errors: `CommandError` for modes that do not exist here or come twice, and for flags that exclude or need
 * each other.
 */
export function parseAuthorizationFlags(
  flags: AuthorizationFlags,
): AuthorizationChoice | undefined {
  const given = names.filter(([key]) => flags[key] !== undefined).map(([, name]) => name);
  if (given.length === 0) return undefined;
  const { authorizationConfig: path } = flags;
  if (path !== undefined) {
    const other = given.find((name) => name !== '--authorization-config');
    if (other === undefined) return { kind: 'file', path };
    throw refuse('--authorization-config', `the file says all that ${other} would; leave one out`);
  }
  const chosen = flags.authorizationMode ?? ['Node', 'RBAC'];
  checkModes(chosen);
  const hasWebhook = chosen.includes('Webhook');
  if (hasWebhook && flags.authorizationWebhookConfigFile === undefined) {
    const why = 'Webhook needs --authorization-webhook-config-file, a kubeconfig of the webhook';
    throw refuse('--authorization-mode', why);
  }
  const idle = given.find((name) => name.startsWith('--authorization-webhook'));
  if (!hasWebhook && idle !== undefined) {
    throw refuse(idle, 'Webhook is not among the modes of --authorization-mode');
  }
  const authorizers = chosen.map((type): ConfiguredAuthorizer => {
    if (type !== 'Webhook') return { type: type as BuiltInType, name: type.toLowerCase() };
    return { type, name: 'default', webhook: webhookOf(flags) };
  });
  return { kind: 'flags', authorizers };
}

function checkModes(chosen: readonly string[]): void {
  for (const [at, mode] of chosen.entries()) {
    const shown = JSON.stringify(mode);
    if (!modes.includes(mode)) {
      throw refuse('--authorization-mode', `${shown} is not one of ${modes.join(', ')}`);
    }
    if (chosen.indexOf(mode) !== at) {
      throw refuse('--authorization-mode', `${shown} comes more than once`);
    }
  }
}

/** What these flags leave open is as on a kube-apiserver. */
function webhookOf(flags: AuthorizationFlags): WebhookConfiguration {
  const { authorizationWebhookVersion: version = 'v1beta1' } = flags;
  if (version !== 'v1' && version !== 'v1beta1') {
    const why = `${JSON.stringify(version)} is neither v1 nor v1beta1`;
    throw refuse('--authorization-webhook-version', why);
  }
  return {
    kubeConfigFile: flags.authorizationWebhookConfigFile ?? '',
    version,
    timeoutMs: 30_000,
    authorizedTtlMs: ttlOf(flags, 'authorizationWebhookCacheAuthorizedTtl', '5m'),
    unauthorizedTtlMs: ttlOf(flags, 'authorizationWebhookCacheUnauthorizedTtl', '30s'),
    failurePolicy: 'NoOpinion',
    conditions: unconditional,
  };
}

function ttlOf(
  flags: AuthorizationFlags,
  key: 'authorizationWebhookCacheAuthorizedTtl' | 'authorizationWebhookCacheUnauthorizedTtl',
  byDefault: string,
): number {
  const text = flags[key] ?? byDefault;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return ms;
  const [, name = ''] = names.find(([each]) => each === key) ?? [];
  throw refuse(name, `${JSON.stringify(text)} is no duration; write 30s or 5m`);
}

function refuse(flag: string, why: string): CommandError {
  return new CommandError(`cannot use ${flag}: ${why}`);
}
