import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import type { AuthorizationFlags } from '../cluster-access/authorization-flags.ts';
import type { KubeletFlags } from '../cluster-access/kubelet-flags.ts';
import type { ServiceAccountFlags } from '../cluster-access/service-account-flags.ts';
import { CommandError } from '../command-error.ts';
import type { ApiFlags } from '../server-flags/api-flags.ts';
import type { ServingFlags } from '../server-flags/serving-flags.ts';

/** What a test environment says to kube-apiserver. */
export interface KubeApiserverFlags
  extends
    AuthenticationFlags,
    AuthorizationFlags,
    KubeletFlags,
    ServiceAccountFlags,
    ServingFlags,
    ApiFlags {
  readonly etcdServers?: string;
  readonly serviceClusterIpRange: string;
}

/** Errors: `CommandError` that names what a kube-apiserver cannot be without and is missing. */
export function requireFlags(flags: KubeApiserverFlags): { readonly etcdServers: string } {
  const required: readonly (readonly [string, unknown])[] = [
    ['--etcd-servers', flags.etcdServers],
    ['--service-account-issuer', flags.serviceAccountIssuer],
    ['--service-account-signing-key-file', flags.serviceAccountSigningKeyFile],
  ];
  const missing = required.filter(([, value]) => value === undefined).map(([flag]) => flag);
  if (missing.length === 0) return { etcdServers: flags.etcdServers ?? '' };
  throw new CommandError(`a kube-apiserver needs ${missing.join(', ')}`);
}
