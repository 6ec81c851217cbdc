import { resolve } from 'node:path';
import type { EditedFields } from '@fairway/client/kubeconfig';
import { CommandError } from '../command-error.ts';

/** The flags of `config set-context`. */
export interface ContextFieldFlags {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** The flags of `config set-cluster`. */
export interface ClusterFieldFlags {
  readonly server?: string;
  readonly certificateAuthority?: string;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
  readonly insecureSkipTlsVerify?: boolean;
}

/** The flags of `config set-credentials`. */
export interface UserFieldFlags {
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

/** What flags change in a context. */
export function contextFields({ cluster, user, namespace }: ContextFieldFlags): EditedFields {
  return {
    ...given('cluster', cluster),
    ...given('user', user),
    ...given('namespace', namespace),
  };
}

/**
 * What flags change in a cluster. As in kubectl, files are seen from where one stands, and whoever says how to
 * trust a server takes away what was said about that before.
 *
 * Errors: `CommandError` for an authority together with no verification.
 */
export function clusterFields(flags: ClusterFieldFlags, workingDirectory: string): EditedFields {
  const { certificateAuthority: file = '', insecureSkipTlsVerify } = flags;
  if (file !== '' && insecureSkipTlsVerify === true) {
    throw new CommandError(
      'you cannot specify a certificate authority and insecure mode at the same time',
    );
  }
  return {
    ...given('server', flags.server),
    ...given('tls-server-name', flags.tlsServerName),
    ...given('proxy-url', flags.proxyUrl),
    ...given('insecure-skip-tls-verify', insecureSkipTlsVerify),
    ...(insecureSkipTlsVerify === true
      ? { 'certificate-authority': undefined, 'certificate-authority-data': undefined }
      : {}),
    ...fileField('certificate-authority', flags.certificateAuthority, workingDirectory),
    ...(file === '' ? {} : { 'insecure-skip-tls-verify': undefined }),
  };
}

/**
 * What flags change in a user: a file takes the place of the data, and of token and password the new one stays.
 *
 * Errors: `CommandError` for both of them.
 */
export function userFields(flags: UserFieldFlags, workingDirectory: string): EditedFields {
  const { token, username, password, clientCertificate, clientKey } = flags;
  const hasBasic = username !== undefined || password !== undefined;
  if (token !== undefined && hasBasic) {
    throw new CommandError(
      'you cannot specify more than one authentication method at the same time: --token, and --username or --password',
    );
  }
  return {
    ...(token === undefined ? {} : { username: undefined, password: undefined, token }),
    ...(hasBasic ? { token: undefined } : {}),
    ...given('username', username),
    ...given('password', password),
    ...fileField('client-certificate', clientCertificate, workingDirectory),
    ...fileField('client-key', clientKey, workingDirectory),
  };
}

function given(field: string, value: string | boolean | undefined): EditedFields {
  return value === undefined ? {} : { [field]: value };
}

function fileField(
  field: string,
  file: string | undefined,
  workingDirectory: string,
): EditedFields {
  if (file === undefined) return {};
  if (file === '') return { [field]: '' };
  return { [field]: resolve(workingDirectory, file), [`${field}-data`]: undefined };
}
