import type { KubeApiserverFlags } from '../cluster/kube-apiserver-flags.ts';
import { CommandError } from '../command-error.ts';

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
