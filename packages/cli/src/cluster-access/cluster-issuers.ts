import type { AnonymousAccess, TokenAuthenticator } from '@fairway/access';
import type { AuthenticationConfiguration, DialIssuer } from '@fairway/access/open-id';
import type { Host } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import { type FlagFile, FlagFiles } from './flag-files.ts';
import { followFile } from './follow-file.ts';
import { type OidcFlags, hasOidcFlags, oidcAlgorithms, oidcConfiguration } from './oidc-flags.ts';

export interface IssuerFlags extends OidcFlags {
  readonly authenticationConfig?: string;
}

export interface IssuerParts {
  readonly dial: DialIssuer;
  /** Of the cluster's own service accounts. */
  readonly ownIssuers: readonly string[];
}

/**
 * Issuers whose identity tokens count in a cluster. A configuration file is read again when it changes; one that
 * is malformed then changes nothing, and the log says why.
 */
export class ClusterIssuers implements Disposable {
  #following: Disposable | undefined;
  #anonymous: AnonymousAccess | undefined;
  readonly authenticate: TokenAuthenticator;

  /**
   * Undefined when no flag names any. Nothing is asked of an issuer before a token comes.
   *
   * Errors: `CommandError` for flags and files that cannot be used.
   */
  static async open(
    host: Host,
    flags: IssuerFlags,
    parts: IssuerParts,
  ): Promise<ClusterIssuers | undefined> {
    const { authenticationConfig: path } = flags;
    if (path === undefined && !hasOidcFlags(flags)) return undefined;
    if (path !== undefined && hasOidcFlags(flags)) {
      const remedy = 'write the issuer into the file instead';
      throw new CommandError(`--authentication-config and --oidc-… exclude each other; ${remedy}`);
    }
    const { OpenIdAuthenticator } = await import('@fairway/access/open-id');
    const files = new FlagFiles(host);
    const file = path === undefined ? undefined : { flag: '--authentication-config', path };
    const text = file === undefined ? '' : await files.text(file);
    const configuration =
      file === undefined
        ? await readFlags(files, flags, parts)
        : await readFile(files, file, { text, ...parts });
    const authenticator = new OpenIdAuthenticator(configuration.issuers, { ...host, ...parts });
    const opened = new ClusterIssuers(authenticator.authenticate, configuration);
    if (file !== undefined) {
      opened.#following = followFile(host, text, {
        name: 'the authentication configuration',
        path: file.path,
        read: () => files.text(file),
        take: async (now) => {
          const next = await readFile(files, file, { text: now, ...parts });
          authenticator.replace(next.issuers);
          opened.#anonymous = next.anonymous;
        },
      });
    }
    return opened;
  }

  private constructor(
    authenticate: TokenAuthenticator,
    { anonymous }: AuthenticationConfiguration,
  ) {
    this.authenticate = authenticate;
    this.#anonymous = anonymous;
  }

  /** What the file says now of requests without a credential. */
  get anonymous(): AnonymousAccess | undefined {
    return this.#anonymous;
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
  }
}

async function readFlags(
  files: FlagFiles,
  flags: OidcFlags,
  { ownIssuers }: IssuerParts,
): Promise<AuthenticationConfiguration> {
  const { CertificateAuthorities } = await import('@fairway/access');
  const { readAuthenticationConfiguration, signingAlgorithms } =
    await import('@fairway/access/open-id');
  const authority = await files.read('--oidc-ca-file', flags.oidcCaFile, (pem) => {
    return new CertificateAuthorities(pem).pem;
  });
  const algorithms = oidcAlgorithms(flags, signingAlgorithms);
  const configuration = oidcConfiguration(flags, authority);
  const from = { flag: '--oidc-issuer-url', path: flags.oidcIssuerUrl ?? '' };
  const { issuers } = await files.parse(from, () =>
    readAuthenticationConfiguration(configuration, ownIssuers),
  );
  return { issuers: issuers.map((issuer) => ({ ...issuer, algorithms })) };
}

function readFile(
  files: FlagFiles,
  file: FlagFile,
  { text, ownIssuers }: IssuerParts & { readonly text: string },
): Promise<AuthenticationConfiguration> {
  return files.parse(file, async () => {
    const [{ readAuthenticationConfiguration }, { parse }] = await Promise.all([
      import('@fairway/access/open-id'),
      import('yaml'),
    ]);
    return readAuthenticationConfiguration(parse(text), ownIssuers);
  });
}
