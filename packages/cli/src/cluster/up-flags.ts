import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import type { AuthorizationFlags } from '../cluster-access/authorization-flags.ts';
import type { KubeletFlags } from '../cluster-access/kubelet-flags.ts';
import type { ServiceAccountFlags } from '../cluster-access/service-account-flags.ts';
import type { ApiFlags } from '../server-flags/api-flags.ts';
import type { PodNetworkFlags } from './pod-networks.ts';
import type { ServingFlags } from '../server-flags/serving-flags.ts';

/** What a user asks of `fairway up`. */
export interface UpFlags
  extends
    PodNetworkFlags,
    AuthenticationFlags,
    AuthorizationFlags,
    KubeletFlags,
    ServiceAccountFlags,
    ServingFlags,
    ApiFlags {
  readonly detach?: boolean;
  readonly dataDir: string;
  readonly memory?: boolean;
  readonly listen?: string;
  readonly tlsSan: readonly string[];
  readonly serviceClusterIpRange: string;
  /** Refused. */
  readonly etcdServers?: string;
  readonly kubeconfig?: string;
  readonly controllers?: readonly string[];
  readonly scheduler?: boolean;
  readonly simulatedNodes?: string;
  readonly stages?: string;
}

/** Where a cluster finds addresses for services when its user does not say. */
export const defaultServiceRange = '10.0.0.0/24';
