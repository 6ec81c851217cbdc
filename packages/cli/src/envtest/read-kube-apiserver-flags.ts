import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import {
  type AuthorizationChoice,
  parseAuthorizationFlags,
} from '../cluster-access/authorization-flags.ts';
import { parseServiceAccountFlags } from '../cluster-access/service-account-flags.ts';
import type { ServedApiOptions } from '../cluster/serve-api.ts';
import { readApiFlags } from '../server-flags/api-flags.ts';
import { checkServiceRange } from '../server-flags/check-service-range.ts';
import {
  type ServingFiles,
  advertisedHost,
  listenPlace,
  servingFilesOf,
} from '../server-flags/serving-flags.ts';
import type { KubeApiserverFlags } from './kube-apiserver-flags.ts';

/** A kube-apiserver, as its flags describe it. */
export interface KubeApiserverOptions extends ServedApiOptions {
  readonly servingFiles: ServingFiles;
}

/** What a kube-apiserver has when no flag says otherwise. */
const place = { host: '0.0.0.0', port: 6443, allowsAnyPort: false };
const apiDefaults = { allowsPrivileged: false, disabledAdmissionPlugins: ['NodeRestriction'] };

/**
 * Reads the flags with a kube-apiserver's defaults. `warnings` tell of what they come to.
 *
 * Errors: `CommandError` for values that cannot be used.
 */
export async function readKubeApiserverFlags(
  flags: KubeApiserverFlags,
  workingDirectory: string,
): Promise<KubeApiserverOptions & { readonly warnings: readonly string[] }> {
  const { serviceClusterIpRange } = flags;
  await checkServiceRange(serviceClusterIpRange);
  const { warnings, ...switches } = await readApiFlags(flags, apiDefaults);
  const advertiseAddress = advertisedHost(flags);
  const files = servingFilesOf({ certDir: '/var/run/kubernetes', ...flags }, workingDirectory);
  const authorization = parseAuthorizationFlags(flags) ?? anythingGoes;
  return {
    servingFiles: files,
    listen: listenPlace(flags, place),
    ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    serviceClusterIpRange,
    authorization,
    authentication: authenticationBeside(authorization, flags),
    serviceAccounts: parseServiceAccountFlags(flags, workingDirectory),
    kubelets: flags,
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
