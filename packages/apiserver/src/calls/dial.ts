import type { Handler, UpgradeHandler } from '@fairway/protocol';

/**
 * Whom the API server calls. What it takes to reach them and to know them again is the business of
 * who dials: the API server has no keys of its own.
 */
export type Endpoint = KubeletEndpoint | WebhookEndpoint;

/** The agent of a node, which must know the API server and be known by it. */
export interface KubeletEndpoint extends Address {
  readonly kind: 'kubelet';
  readonly node: string;
}

/** Who has a say in objects, and must be known by what its configuration says. */
export interface WebhookEndpoint extends Address {
  readonly kind: 'webhook';
  /** Of this cluster, whose `host` is `NAME.NAMESPACE.svc`; absent: reached by its name. */
  readonly service?: { readonly namespace: string; readonly name: string };
  /** Certificates in PEM; absent: those that the machine trusts. */
  readonly certificateAuthority?: string;
}

interface Address {
  readonly scheme: 'https';
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A way to an endpoint. Both throw an `Error` with the reason when it cannot be reached. */
export interface Connection {
  readonly request: Handler;
  readonly upgrade: UpgradeHandler;
}

/** The one way out of the API server. Connects when something is sent. */
export type Dial = (endpoint: Endpoint) => Connection;
