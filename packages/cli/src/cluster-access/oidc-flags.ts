import { CommandError } from '../command-error.ts';

/** One issuer of identity tokens, in the flags of a kube-apiserver. */
export interface OidcFlags {
  readonly oidcIssuerUrl?: string;
  readonly oidcClientId?: string;
  readonly oidcUsernameClaim?: string;
  readonly oidcUsernamePrefix?: string;
  readonly oidcGroupsClaim?: string;
  readonly oidcGroupsPrefix?: string;
  readonly oidcRequiredClaim?: readonly string[];
  readonly oidcSigningAlgs?: readonly string[];
  readonly oidcCaFile?: string;
}

/** Whether one of them was given. */
export function hasOidcFlags(flags: OidcFlags): boolean {
  return Object.keys(flags).some((key) => /^oidc[A-Z]/.test(key));
}

/**
 * The configuration that says the same. `certificateAuthority` is what `--oidc-ca-file` holds.
 *
 * Errors: `CommandError`. Source: kube-apiserver, kubeapiserver/options/authentication.go.
 */
export function oidcConfiguration(
  flags: OidcFlags,
  certificateAuthority: string | undefined,
): object {
  const { oidcIssuerUrl: url, oidcClientId: clientId } = flags;
  if (url === undefined || clientId === undefined) {
    throw new CommandError('--oidc-issuer-url and --oidc-client-id need each other; give both');
  }
  const {
    oidcUsernameClaim: claim = 'sub',
    oidcGroupsClaim,
    oidcGroupsPrefix: prefix = '',
  } = flags;
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: {
          url,
          audiences: [clientId],
          ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
        },
        claimMappings: {
          username: { claim, prefix: usernamePrefix(flags.oidcUsernamePrefix, claim, url) },
          ...(oidcGroupsClaim === undefined ? {} : { groups: { claim: oidcGroupsClaim, prefix } }),
        },
        claimValidationRules: (flags.oidcRequiredClaim ?? []).map(requiredClaim),
      },
    ],
  };
}

/** Names of different issuers must not be the same user, unless one says so with `-`. */
function usernamePrefix(given: string | undefined, claim: string, url: string): string {
  if (given === '-') return '';
  return given ?? (claim === 'email' ? '' : `${url}#`);
}

function requiredClaim(pair: string): object {
  const [, claim, requiredValue] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (claim === undefined) {
    const given = JSON.stringify(pair);
    throw new CommandError(`cannot use --oidc-required-claim ${given}: write it as claim=value`);
  }
  return { claim, requiredValue };
}

/** RS256 unless told. Errors: `CommandError`. */
export function oidcAlgorithms(
  { oidcSigningAlgs: asked = ['RS256'] }: OidcFlags,
  known: readonly string[],
): readonly string[] {
  const bad = asked.find((each) => !known.includes(each));
  if (bad === undefined) return asked;
  const why = `${JSON.stringify(bad)} is none of ${known.join(', ')}`;
  throw new CommandError(`cannot use --oidc-signing-algs: ${why}`);
}
