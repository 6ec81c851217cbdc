import type { Command } from 'commander';
import { append, appendNames, namedFile } from '../flag-values.ts';

/** Adds how service accounts get their tokens: flags of a kube-apiserver. */
export function addServiceAccountFlags(command: Command): Command {
  return command
    .optionsGroup('Service accounts:')
    .option(
      '--service-account-key-file <file>',
      'whose tokens of service accounts are accepted too: keys in PEM, read again when they change (repeatable)',
      append,
    )
    .option(
      '--service-account-signing-key-file <file>',
      'what signs tokens of service accounts (default: a key in the data directory)',
      namedFile,
    )
    .option(
      '--service-account-issuer <url>',
      'who issues tokens; of several the first does (repeatable, default: https://kubernetes.default.svc)',
      append,
    )
    .option('--service-account-jwks-uri <url>', 'where others find the keys (default: here)')
    .option(
      '--api-audiences <names>',
      'for whom tokens are good here (repeatable, default: the issuers)',
      appendNames,
    )
    .option(
      '--service-account-max-token-expiration <duration>',
      'the longest life of a token, as 8h or 1h30m',
    );
}
