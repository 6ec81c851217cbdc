import type { Handler } from '@fairway/protocol';
import type { Upstream } from '@fairway/serving';

/**
 * The agent of a node, which must know the API server and be known by it. What that takes is the business
 * of who dials: the API server has no keys of its own.
 */
export interface KubeletEndpoint extends Address {
  readonly node: string;
  /** What its node says that runs containers: `containerd://1.6.20`; empty when it does not say. */
  readonly containerRuntime: string;
}

/** Who has a say in objects, and must be known by what its configuration says. */
export interface WebhookEndpoint extends Address {
  /** Of this cluster, whose `host` is `NAME.NAMESPACE.svc`; absent: reached by its name. */
  readonly service?: { readonly namespace: string; readonly name: string };
  /** Where it is reached, if not at `host`, by whose name it is known all the same. */
  readonly backend?: BackendEndpoint;
  /** Certificates in PEM; absent: those that the machine trusts. */
  readonly certificateAuthority?: string;
}

/** What runs in the cluster and is known by its address alone: a certificate that it shows says nothing. */
export interface BackendEndpoint {
  readonly scheme: 'http' | 'https';
  /** An address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whose address it is; absent: a node's. */
  readonly pod?: BackendPod;
}

/** A pod that is somewhere. */
export interface BackendPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Of its node, as in `KubeletEndpoint`. */
  readonly containerRuntime: string;
}

/** A server behind a service that answers a version of a group, and how it is to be known. */
export interface ExtensionEndpoint extends BackendEndpoint {
  readonly scheme: 'https';
  /** The name that its certificate is for: `NAME.NAMESPACE.svc`. */
  readonly serverName: string;
  /** In PEM: who certifies it; absent: those that the machine trusts. */
  readonly certificateAuthority?: string;
  /** Whether it is believed whatever it shows. */
  readonly isInsecure: boolean;
}

interface Address {
  readonly scheme: 'https';
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * The ways out of the API server, by whom they lead to; they connect when something is sent. Where one is
 * absent, what needs it answers 501.
 */
export interface Dial {
  /** What it answers throws an `Error` with the reason when the kubelet cannot be reached. */
  readonly kubelet?: (endpoint: KubeletEndpoint) => Upstream;
  /**
   * What it answers throws an `Error` with the reason when the backend cannot be reached, whose `isUnsent` is
   * true when the backend cannot have got anything of the request.
   */
  readonly backend?: (endpoint: BackendEndpoint) => Upstream;
  /** As `backend`; who dials shows who it is, so that what it says of its callers is believed. */
  readonly extension?: (endpoint: ExtensionEndpoint) => Upstream;
  /** The handler throws an `Error` with the reason when the webhook cannot be reached. */
  readonly webhook?: (endpoint: WebhookEndpoint) => Handler;
}
