import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import {
  type AuthorizationFlags,
  parseAuthorizationFlags,
} from '../cluster-access/authorization-flags.ts';
import type { EncryptionFlags } from '../cluster-access/open-encryption.ts';
import type { KubeletFlags } from '../cluster-access/kubelet-flags.ts';
import type { ProxyClientFlags } from '../cluster-access/proxy-client-flags.ts';
import {
  type ServiceAccountFlags,
  parseServiceAccountFlags,
} from '../cluster-access/service-account-flags.ts';
import { type ApiDefaults, type ApiFlags, readApiFlags } from '../server-flags/api-flags.ts';
import {
  type RequestFlags,
  readRequestFlags,
  readServerTimes,
  readShutdownDelayMs,
} from '../server-flags/request-flags.ts';
import { type AuditFlags, auditWarnings, readAuditFlags } from '../server-flags/audit-flags.ts';
import { checkServiceRange } from '../server-flags/service-range.ts';
import { type ServingFlags, advertisedHost } from '../server-flags/serving-flags.ts';
import type { ServedApiOptions } from './serve-api.ts';

/** The flags of a kube-apiserver. */
export interface KubeApiserverFlags
  extends
    AuthenticationFlags,
    AuthorizationFlags,
    EncryptionFlags,
    KubeletFlags,
    ProxyClientFlags,
    ServiceAccountFlags,
    ServingFlags,
    RequestFlags,
    AuditFlags,
    ApiFlags {
  readonly etcdServers?: string;
  readonly serviceClusterIpRange: string;
}

/**
 * What the flags come to, but where it listens. `warnings` tell of wishes that change nothing.
 *
 * Errors: `CommandError` for values that cannot be used.
 */
export async function readKubeApiserverFlags(
  flags: KubeApiserverFlags,
  workingDirectory: string,
  byDefault: ApiDefaults,
): Promise<Omit<ServedApiOptions, 'listen'> & { readonly warnings: readonly string[] }> {
  const { serviceClusterIpRange } = flags;
  await checkServiceRange(serviceClusterIpRange);
  const authorization = parseAuthorizationFlags(flags);
  const advertiseAddress = advertisedHost(flags);
  const switches = await readApiFlags(flags, byDefault);
  const audit = readAuditFlags(flags);
  return {
    serviceClusterIpRange,
    switches,
    ...(flags.admissionControlConfigFile === undefined
      ? {}
      : { admissionFile: flags.admissionControlConfigFile }),
    requestBounds: readRequestFlags(flags),
    times: readServerTimes(flags),
    shutdownDelayMs: readShutdownDelayMs(flags),
    serviceAccounts: parseServiceAccountFlags(flags, workingDirectory),
    authentication: flags,
    kubelets: flags,
    encryption: flags,
    proxyClient: flags,
    ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(audit && { audit }),
    warnings: auditWarnings(flags),
  };
}
