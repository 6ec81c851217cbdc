import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import type { AuthorizationChoice } from '../cluster-access/authorization-flags.ts';
import type { ServedApiOptions } from '../cluster/serve-api.ts';
import {
  type KubeApiserverFlags,
  readKubeApiserverFlags,
} from '../cluster/kube-apiserver-flags.ts';
import { type ServingFiles, listenPlace, servingFilesOf } from '../server-flags/serving-flags.ts';

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
export async function kubeApiserverOptions(
  flags: KubeApiserverFlags,
  workingDirectory: string,
): Promise<KubeApiserverOptions & { readonly warnings: readonly string[] }> {
  const read = await readKubeApiserverFlags(flags, workingDirectory, apiDefaults);
  const { authorization = anythingGoes } = read;
  return {
    ...read,
    servingFiles: servingFilesOf({ certDir: '/var/run/kubernetes', ...flags }, workingDirectory),
    listen: listenPlace(flags, place),
    authorization,
    authentication: authenticationBeside(authorization, flags),
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
