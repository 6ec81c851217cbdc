import type { KubeletEndpoint } from '@fairway/apiserver';
import type { CertifiedKey } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import type { Upstream } from '@fairway/serving';
import { KeptConnections, type KeptServer, addressOf } from './kept-connections.ts';
import { refuseSimulated } from './refuse-simulated.ts';

/** Kubelets to which connections are kept; the one asked least recently is left for another one. */
const kubeletsMax = 500;

/** As whom a server comes to kubelets, and how it knows them. */
export interface KubeletTrust {
  /** Absent: as nobody. */
  readonly client?: CertifiedKey;
  /** In PEM: who certifies kubelets; absent: nobody is asked, as with a kube-apiserver. */
  readonly certificateAuthority?: string;
  /** How long a connection may take to come about. */
  readonly connectTimeoutMs?: number;
}

/** The ways of a server to the kubelets of its nodes. */
export class KubeletConnections implements AsyncDisposable {
  readonly #host: Pick<Host, 'clock' | 'random'>;
  readonly #trust: KubeletTrust;
  readonly #kept: KeptConnections;

  constructor(host: Pick<Host, 'clock' | 'random'>, trust: KubeletTrust) {
    this.#host = host;
    this.#trust = trust;
    this.#kept = new KeptConnections(host, { serversMax: kubeletsMax });
  }

  /** Errors: `ApiError` NotImplemented for a node that is pretended. */
  dial(endpoint: KubeletEndpoint): Upstream {
    refuseSimulated(endpoint);
    const { send, upgrade } = this.#kept.to(this.#serverAt(endpoint));
    const told = (failure: unknown): Promise<never> => explainTrust(endpoint, failure);
    return {
      send: (request) => send(request).catch(told),
      upgrade: (request) => upgrade(request).catch(told),
    };
  }

  /** Lets running requests finish, and keeps no connection after them. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#kept[Symbol.asyncDispose]();
  }

  #serverAt(endpoint: KubeletEndpoint): KeptServer {
    const { client, certificateAuthority, connectTimeoutMs } = this.#trust;
    const { clock } = this.#host;
    const limits = connectTimeoutMs === undefined ? {} : { connectTimeoutMs };
    return {
      key: `${endpoint.host} ${endpoint.port}`,
      certificateAuthority,
      options: { isRetryWanted: false, limits },
      target: async () => {
        const { explicitTarget, unchangingCredentials } = await import('@fairway/client');
        return explicitTarget(clock, {
          server: addressOf(endpoint),
          disableCompression: true,
          ...(certificateAuthority === undefined ? { isInsecure: true } : { certificateAuthority }),
          ...(client && { credentials: unchangingCredentials({ clientCertificate: client }) }),
        });
      },
    };
  }
}

/** Throws the failure, with what helps who asks for a kubelet that this server does not know. */
async function explainTrust(endpoint: KubeletEndpoint, failure: unknown): Promise<never> {
  const { ConnectionError } = await import('@fairway/client');
  if (!(failure instanceof ConnectionError) || failure.problem !== 'tls-untrusted') throw failure;
  const { problem, server, isUnsent } = failure;
  throw new ConnectionError({
    problem,
    server,
    isUnsent,
    message: `${server}: the serving certificate of the kubelet on node "${endpoint.node}" is not signed by the authority for kubelets, or not yet`,
    remedy:
      'find its request with `kubectl get csr`, and let it be signed with `kubectl certificate approve NAME`',
    cause: failure,
  });
}
