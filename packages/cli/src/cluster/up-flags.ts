import type { NodeFlags } from '../local-node/node-flags.ts';
import type { IngressFlags } from './ingress-flags.ts';
import type { PodNetworkFlags } from './pod-networks.ts';
import type { KubeApiserverFlags } from './kube-apiserver-flags.ts';

/** What a user asks of `fairway up`. */
export interface UpFlags extends NodeFlags, PodNetworkFlags, IngressFlags, KubeApiserverFlags {
  readonly detach?: boolean;
  readonly dataDir: string;
  readonly memory?: boolean;
  readonly listen?: string;
  readonly tlsSan: readonly string[];
  /** Refused. */
  readonly etcdServers?: string;
  readonly kubeconfig?: string;
  readonly controllers?: readonly string[];
  readonly scheduler?: boolean;
  readonly stages?: string;
}
