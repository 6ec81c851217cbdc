import type { Command } from 'commander';
import { append, appendNames, namedFile } from '../flag-values.ts';

/** Adds the flags of a kube-apiserver that say how callers may prove who they are. */
export function addAuthenticationFlags(command: Command): Command {
  return command
    .optionsGroup('Authentication:')
    .option(
      '--token-auth-file <file>',
      'tokens: lines of token,user,uid,"group1,group2"',
      namedFile,
    )
    .option('--client-ca-file <file>', 'more authorities of client certificates, in PEM', namedFile)
    .option(
      '--anonymous-auth [bool]',
      'requests without a credential are anonymous (default: true)',
    )
    .option(
      '--enable-bootstrap-token-auth',
      'tokens of secrets in kube-system, for nodes that join',
    )
    .option(
      '--requestheader-client-ca-file <file>',
      'authorities of front proxies, in PEM',
      namedFile,
    )
    .option(
      '--requestheader-allowed-names <names>',
      'their common names (default: any)',
      appendNames,
    )
    .option('--requestheader-username-headers <names>', '(default: X-Remote-User)', appendNames)
    .option('--requestheader-uid-headers <names>', '(default: none)', appendNames)
    .option('--requestheader-group-headers <names>', '(default: X-Remote-Group)', appendNames)
    .option(
      '--requestheader-extra-headers-prefix <names>',
      '(default: X-Remote-Extra-)',
      appendNames,
    )
    .option(
      '--proxy-client-cert-file <file>',
      'a certificate, as whom the server comes to the servers behind APIServices',
      namedFile,
    )
    .option('--proxy-client-key-file <file>', 'its key', namedFile)
    .option(
      '--authentication-config <file>',
      'issuers of identity tokens, and where one may be anonymous: an AuthenticationConfiguration',
      namedFile,
    )
    .option(
      '--authentication-token-webhook-config-file <file>',
      'a kubeconfig: its cluster is asked about tokens',
      namedFile,
    )
    .option('--authentication-token-webhook-version <version>', 'v1 (default: v1beta1)')
    .option('--authentication-token-webhook-cache-ttl <time>', 'answers hold (default: 2m)')
    .option('--oidc-issuer-url <url>', 'one issuer of identity tokens (OpenID Connect)')
    .option('--oidc-client-id <name>', 'for whom its tokens must be')
    .option('--oidc-username-claim <claim>', '(default: sub)')
    .option('--oidc-username-prefix <text>', '"-" for none (default: the issuer and #)')
    .option('--oidc-groups-claim <claim>', '(default: no groups)')
    .option('--oidc-groups-prefix <text>', '(default: none)')
    .option('--oidc-required-claim <claim=value>', 'must be in a token (repeatable)', append)
    .option('--oidc-signing-algs <names>', '(default: RS256)', appendNames)
    .option('--oidc-ca-file <file>', 'authorities of the issuer, in PEM', namedFile);
}
