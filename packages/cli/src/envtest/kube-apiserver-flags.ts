import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import {
  type AuthorizationChoice,
  type AuthorizationFlags,
  parseAuthorizationFlags,
} from '../cluster-access/authorization-flags.ts';
import {
  type ServiceAccountFlags,
  parseServiceAccountFlags,
} from '../cluster-access/service-account-flags.ts';
import type { ServedApiOptions } from '../cluster/serve-api.ts';
import { CommandError } from '../command-error.ts';
import { type ApiFlags, readApiFlags } from '../server-flags/api-flags.ts';
import { checkServiceRange } from '../server-flags/check-service-range.ts';
import {
  type ServingFiles,
  type ServingFlags,
  advertisedHost,
  listenPlace,
  servingFilesOf,
} from '../server-flags/serving-flags.ts';

/** What a test environment says to kube-apiserver. */
export interface KubeApiserverFlags
  extends AuthenticationFlags, AuthorizationFlags, ServiceAccountFlags, ServingFlags, ApiFlags {
  readonly etcdServers?: string;
  readonly serviceClusterIpRange: string;
}

/** A kube-apiserver, as its flags describe it. */
export interface KubeApiserverOptions extends ServedApiOptions {
  readonly etcdServer: string;
  readonly servingFiles: ServingFiles;
}

/** What a kube-apiserver has when no flag says otherwise. */
const place = { host: '0.0.0.0', port: 6443, allowsAnyPort: false };
const apiDefaults = { allowsPrivileged: false, disabledAdmissionPlugins: ['NodeRestriction'] };

/**
 * Reads the flags with a kube-apiserver's defaults. `warnings` tell of what they come to.
 *
 * Errors: `CommandError` for what a kube-apiserver cannot be without, and for values that cannot be used.
 */
export async function readKubeApiserverFlags(
  flags: KubeApiserverFlags,
  workingDirectory: string,
): Promise<KubeApiserverOptions & { readonly warnings: readonly string[] }> {
  requireFlags(flags);
  const { etcdServers = '', serviceClusterIpRange } = flags;
  await checkServiceRange(serviceClusterIpRange);
  const { warnings, ...switches } = await readApiFlags(flags, apiDefaults);
  const advertiseAddress = advertisedHost(flags);
  const files = servingFilesOf({ certDir: '/var/run/kubernetes', ...flags }, workingDirectory);
  const authorization = parseAuthorizationFlags(flags) ?? anythingGoes;
  return {
    etcdServer: etcdServers,
    servingFiles: files,
    listen: listenPlace(flags, place),
    ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    serviceClusterIpRange,
    authorization,
    authentication: authenticationBeside(authorization, flags),
    serviceAccounts: parseServiceAccountFlags(flags, workingDirectory),
    switches,
    warnings,
  };
}

const anythingGoes: AuthorizationChoice = {
  kind: 'flags',
  authorizers: [{ type: 'AlwaysAllow', name: 'alwaysallow' }],
};

/** Where everybody may do everything, nobody is anonymous. Source: kube-apiserver, ApplyAuthorization. */
function authenticationBeside(
  choice: AuthorizationChoice,
  flags: AuthenticationFlags,
): AuthenticationFlags {
  const isOpen =
    choice.kind === 'flags' && choice.authorizers.some(({ type }) => type === 'AlwaysAllow');
  return isOpen ? { ...flags, anonymousAuth: false } : flags;
}

function requireFlags(flags: KubeApiserverFlags): void {
  const required: readonly (readonly [string, unknown])[] = [
    ['--etcd-servers', flags.etcdServers],
    ['--service-account-issuer', flags.serviceAccountIssuer],
    ['--service-account-signing-key-file', flags.serviceAccountSigningKeyFile],
  ];
  const missing = required.filter(([, value]) => value === undefined).map(([flag]) => flag);
  if (missing.length === 0) return;
  throw new CommandError(`a kube-apiserver needs ${missing.join(', ')}`);
}
