import { hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@fairway/host';
import {
  bootstrapTokenSecretName,
  bootstrapTokens,
  parseBootstrapToken,
  parseTime,
} from '@fairway/protocol';
import {
  type TokenAuthentication,
  type TokenAuthenticator,
  rejected,
  unrecognised,
} from './authenticator.ts';

/** A secret of `kube-system`, with its data in base64 as the API has it. */
export interface BootstrapTokenSecret {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly metadata?: { readonly deletionTimestamp?: string };
}

export interface BootstrapTokenOptions {
  readonly clock: Clock;
  /** Undefined when `kube-system` has no such secret. */
  readonly findSecret: (name: string) => Promise<BootstrapTokenSecret | undefined>;
}

const bootstrapGroup = 'system:bootstrappers';
const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/**
 * Authenticates nodes that join by the tokens that secrets of `kube-system` hold: `ID.SECRET` for the user
 * `system:bootstrap:ID`. Asked of the secret at each request, so that a token ends with it.
 *
 * Source: Kubernetes, authenticating with bootstrap tokens; KEP-130.
 */
export function bootstrapTokenAuthenticator(options: BootstrapTokenOptions): TokenAuthenticator {
  return async (token): Promise<TokenAuthentication> => {
    const parts = parseBootstrapToken(token);
    if (parts === undefined) return unrecognised;
    const { id, secret } = parts;
    const found = await options.findSecret(bootstrapTokenSecretName(id));
    if (found === undefined) return unrecognised;
    const read = (key: string): string => Buffer.from(found.data?.[key] ?? '', 'base64').toString();
    const why = problemOf(found, read, { id, secret, nowMs: options.clock.now() });
    if (why !== undefined) return rejected(why);
    const extra = groupsOf(read('auth-extra-groups'));
    if (extra === undefined)
      return rejected('a group of the bootstrap token is none for bootstrapping');
    const user = { username: `system:bootstrap:${id}`, groups: [bootstrapGroup, ...extra] };
    return { kind: 'authenticated', user };
  };
}

function problemOf(
  { type, metadata }: BootstrapTokenSecret,
  read: (key: string) => string,
  token: { readonly id: string; readonly secret: string; readonly nowMs: number },
): string | undefined {
  if (metadata?.deletionTimestamp !== undefined) return 'the bootstrap token is being deleted';
  if (type !== bootstrapTokens.type) return 'the secret is of another type';
  if (!isSame(read('token-secret'), token.secret)) return 'the bootstrap token has another secret';
  if (read('token-id') !== token.id) return 'the secret is of another bootstrap token';
  const expiration = read('expiration');
  // What is no time has expired, as there is no telling when it would.
  if (expiration !== '' && (parseTime(expiration) ?? 0) <= token.nowMs) {
    return 'the bootstrap token has expired';
  }
  const isForThis = read('usage-bootstrap-authentication') === 'true';
  return isForThis ? undefined : 'the bootstrap token is not for authentication';
}

/** Takes as long whatever is right of it. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));
}

function groupsOf(text: string): readonly string[] | undefined {
  const groups = text === '' ? [] : text.split(',');
  return groups.every((each) => extraGroup.test(each)) ? [...new Set(groups)].sort() : undefined;
}
