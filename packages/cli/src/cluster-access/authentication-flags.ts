import type { IssuerFlags } from './cluster-issuers.ts';
import type { TokenWebhookFlags } from './token-webhook.ts';

/** What a user asks of a server about ways of proving who one is, in the words of a kube-apiserver. */
export interface AuthenticationFlags extends IssuerFlags, TokenWebhookFlags {
  readonly tokenAuthFile?: string;
  readonly clientCaFile?: string;
  readonly enableBootstrapTokenAuth?: boolean;
  readonly anonymousAuth?: string | boolean;
  readonly requestheaderClientCaFile?: string;
  readonly requestheaderAllowedNames?: readonly string[];
  readonly requestheaderUsernameHeaders?: readonly string[];
  readonly requestheaderUidHeaders?: readonly string[];
  readonly requestheaderGroupHeaders?: readonly string[];
  readonly requestheaderExtraHeadersPrefix?: readonly string[];
}
