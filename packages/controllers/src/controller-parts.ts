import type { Client } from '@fairway/client';
import type { Logger, Secret } from '@fairway/host';
import type { NetworkRange } from '@fairway/kind-rules/nodes';
import type { EventRecorder, Informers } from '@fairway/reconcile';
import type { ServedResources } from './served-resources.ts';

/** What every controller of the cluster is made of. */
export interface ControllerParts {
  /** The name that kube-controller-manager has for it, for the log. */
  readonly name: string;
  /** Acts with the rights of this controller. */
  readonly client: Client;
  /** The cluster's administrator: for what an add-on brings along, as its manifest would. */
  readonly administrator: Client;
  /** Caches that the controllers share. */
  readonly informers: Informers;
  /** What the API serves, which the controllers share as well. */
  readonly resources: ServedResources;
  /** Records events under the name of this controller. */
  readonly recorder: EventRecorder;
  readonly logger: Logger;
  /** By which pods know the API server, in PEM. */
  readonly rootCertificates: string;
  /** The certificate of the cluster's authority, in PEM. */
  readonly authorityCertificate: string;
  /** The key of that authority, in PEM; absent where somebody else signs in its name. */
  readonly authorityKey?: Secret;
  /** What nodes get for their pods; absent where somebody else gives it. */
  readonly podNetworks?: NetworkRange;
  /** Of services that are load balancers; absent where somebody else gives them. */
  readonly loadBalancerAddresses?: LoadBalancerAddresses;
  /** How secrets get tokens; absent where nobody can sign any. */
  readonly legacyTokens?: LegacyTokens;
}

/** A network that leads to nodes, from which load balancers get addresses; or why there is none. */
export type LoadBalancerAddresses =
  | { readonly kind: 'network'; readonly cidr: string }
  | { readonly kind: 'none'; readonly why: string };

/** Tokens of service accounts that lie in secrets. */
export interface LegacyTokens {
  issue(place: {
    readonly account: { readonly namespace: string; readonly name: string; readonly uid: string };
    readonly secretName: string;
  }): Promise<Secret>;
  /** An account without such a secret gets one, as before Kubernetes 1.24. */
  readonly areGivenToEveryAccount: boolean;
}
