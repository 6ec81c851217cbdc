import {
  type AnonymousAccess,
  CertificateAuthorities,
  type FrontProxy,
  type IdentityHeaders,
  type TokenAuthenticator,
  parseStaticTokenFile,
  standardIdentityHeaders,
  staticTokenAuthenticator,
} from '@fairway/access';
import type { AuthenticationOptions } from '@fairway/apiserver';
import type { CertifiedKey } from '@fairway/certificates';
import { DisposalStack, type Host } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import type { AuthenticationFlags } from './authentication-flags.ts';
import { ClusterIssuers, type IssuerParts } from './cluster-issuers.ts';
import { truthOf } from '../flag-values.ts';
import { FlagFiles } from './flag-files.ts';
import { openTokenWebhook } from './token-webhook.ts';

/** Ways of proving who one is, and whose certificates the handshake asks for. */
export interface Authentication extends AsyncDisposable {
  readonly options: AuthenticationOptions;
  /** In PEM; undefined when no client has a certificate. */
  readonly handshakeAuthorities: string | undefined;
}

/** The front proxy that an API server is to those behind it. */
export interface OwnFrontProxy {
  /** In PEM: who certifies front proxies. */
  readonly authorityCertificate: string;
  readonly name: string;
  readonly client: CertifiedKey;
}

export interface AuthenticationParts extends IssuerParts {
  /** The cluster's own, whose client certificates count too; absent where it has none. */
  readonly authorityCertificate?: string;
  /** Who is believed as a front proxy where no flag says. */
  readonly frontProxy?: OwnFrontProxy;
  /** Of this server: for whom tokens must be. */
  readonly audiences: readonly string[];
}

/**
 * Reads what the flags name.
 *
 * Errors: `CommandError` that names flag, file and remedy.
 */
export async function openAuthentication(
  host: Host,
  flags: AuthenticationFlags,
  { authorityCertificate, frontProxy: ownFrontProxy, ...issuerParts }: AuthenticationParts,
): Promise<Authentication> {
  const files = new FlagFiles(host);
  const clients = await files.read('--client-ca-file', flags.clientCaFile, (pem) => {
    // Alone first, so that what is wrong is told of this file.
    return new CertificateAuthorities(pem).pem;
  });
  const ofClients = joined(authorityCertificate, clients);
  const clientAuthorities =
    ofClients === undefined ? undefined : new CertificateAuthorities(ofClients);
  const frontProxy = (await openFrontProxy(files, flags)) ?? frontProxyOf(ownFrontProxy);
  const staticTokens = await openStaticTokens(files, flags);
  const anonymous = anonymousAccess(flags);
  await using opened = new DisposalStack();
  const issuers = await ClusterIssuers.open(host, flags, issuerParts);
  opened.defer(() => issuers?.[Symbol.dispose]());
  const webhook = await openTokenWebhook(host, flags, () => issuerParts.audiences);
  opened.defer(() => webhook?.[Symbol.asyncDispose]());
  if (issuers?.anonymous !== undefined && flags.anonymousAuth !== undefined) {
    const remedy = 'say it in one of them';
    throw new CommandError(
      `--anonymous-auth and \`anonymous\` of --authentication-config exclude each other; ${remedy}`,
    );
  }
  const otherTokens = [issuers, webhook].flatMap((each) => each?.authenticate ?? []);
  const open = opened.move();
  return {
    options: {
      ...(clientAuthorities === undefined ? {} : { clientAuthorities }),
      ...(frontProxy === undefined ? {} : { frontProxy }),
      ...(staticTokens === undefined ? {} : { staticTokens }),
      hasBootstrapTokens: flags.enableBootstrapTokenAuth === true,
      otherTokens,
      anonymous: () => issuers?.anonymous ?? anonymous,
    },
    handshakeAuthorities: joined(clientAuthorities?.pem, frontProxy?.authorities.pem),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

function joined(pem: string | undefined, more: string | undefined): string | undefined {
  return pem === undefined || more === undefined ? (pem ?? more) : `${pem.trimEnd()}\n${more}`;
}

function openStaticTokens(
  files: FlagFiles,
  { tokenAuthFile }: AuthenticationFlags,
): Promise<TokenAuthenticator | undefined> {
  return files.read('--token-auth-file', tokenAuthFile, (text) =>
    staticTokenAuthenticator(parseStaticTokenFile(text)),
  );
}

async function openFrontProxy(
  files: FlagFiles,
  flags: AuthenticationFlags,
): Promise<FrontProxy | undefined> {
  const authorities = await files.read(
    '--requestheader-client-ca-file',
    flags.requestheaderClientCaFile,
    (pem) => new CertificateAuthorities(pem),
  );
  if (authorities === undefined) {
    const lonely = Object.keys(flags).find((key) => key.startsWith('requestheader'));
    if (lonely === undefined) return undefined;
    const why = 'nobody would be believed what those headers say';
    throw new CommandError(`--requestheader-client-ca-file is missing: without it ${why}`);
  }
  const { requestheaderAllowedNames: allowedNames = [] } = flags;
  return { authorities, allowedNames, identityHeaders: identityHeaders(flags) };
}

/** As kubeadm sets up a cluster. */
function frontProxyOf(own: OwnFrontProxy | undefined): FrontProxy | undefined {
  return (
    own && {
      authorities: new CertificateAuthorities(own.authorityCertificate),
      allowedNames: [own.name],
      identityHeaders: identityHeaders({}),
    }
  );
}

function identityHeaders(flags: AuthenticationFlags): IdentityHeaders {
  const { username, group, extraPrefixes } = standardIdentityHeaders;
  return {
    username: headerNames('username-headers', flags.requestheaderUsernameHeaders) ?? username,
    uid: headerNames('uid-headers', flags.requestheaderUidHeaders) ?? [],
    group: headerNames('group-headers', flags.requestheaderGroupHeaders) ?? group,
    extraPrefixes:
      headerNames('extra-headers-prefix', flags.requestheaderExtraHeadersPrefix) ?? extraPrefixes,
  };
}

/** Source: RFC 9110 §5.6.2. */
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

function headerNames(
  flag: string,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  const bad = names?.find((name) => !headerName.test(name));
  if (bad === undefined) return names?.map((name) => name.toLowerCase());
  const why = `${JSON.stringify(bad)} is no name of a header`;
  throw new CommandError(`cannot use --requestheader-${flag}: ${why}; write X-Remote-User, say`);
}

function anonymousAccess({ anonymousAuth }: AuthenticationFlags): AnonymousAccess {
  const isAllowed = truthOf('--anonymous-auth', anonymousAuth) ?? true;
  return { kind: isAllowed ? 'everywhere' : 'nowhere' };
}
