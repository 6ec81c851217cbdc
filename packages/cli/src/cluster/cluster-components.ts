import type { ApiServer, ApiServerOptions } from '@fairway/apiserver';
import type { EnsuredCertificates } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import type { NetworkRange } from '@fairway/kind-rules/nodes';
import type { ServiceAccountKeyFiles } from '../cluster-access/service-account-key-files.ts';
import type { ServiceAccountOptions } from '../cluster-access/service-account-flags.ts';
import type { ComponentState } from './component-state.ts';
import type { IngressWish } from './ingress-flags.ts';
import type { LocalNode } from '../local-node/local-node.ts';
import { ownNodeServing } from './own-node-serving.ts';
import { shareInformers } from './share-informers.ts';
import { startControllers } from './start-controllers.ts';
import { startIngress } from './start-ingress.ts';
import { startScheduler } from './start-scheduler.ts';
import { type SimulatedNodes, startSimulatedNodes } from './start-simulated-nodes.ts';

/** What a cluster has beside its API server. */
export interface ComponentOptions {
  /** Which controllers run, as for `selectControllers`; all when absent. */
  readonly controllers?: readonly string[];
  readonly serviceAccounts?: ServiceAccountOptions;
  /** What nodes get for their pods; `podNetworksDefault` when absent. */
  readonly podNetworks?: NetworkRange;
  /** False leaves pods to a scheduler that somebody else runs. */
  readonly hasScheduler?: boolean;
  /** Holds what the components keep on the disk. Absolute. */
  readonly dataDirectory: string;
  /** Behind a load balancer, where there are any, when absent. */
  readonly ingress?: IngressWish;
  /** Nodes that are pretended; none when absent. */
  readonly simulatedNodes?: SimulatedNodes;
}

/** What components need of the API server, once there is one. */
export interface ComponentParts {
  readonly apiServer: ApiServer;
  readonly certificates: EnsuredCertificates;
  /** By which clients know the API server, in PEM. */
  readonly rootCertificates: string;
  readonly keyFiles: ServiceAccountKeyFiles;
  /** Of the API server, for users of this machine. */
  readonly url: string;
  readonly node: LocalNode | undefined;
}

/** The parts of a cluster that are clients of its API. */
export interface ClusterComponents {
  /** How each of them is, for whoever asks the API server. */
  readonly states: NonNullable<ApiServerOptions['components']>;
  /** Runs them until the signal aborts, and resolves when they have ended. */
  run(parts: ComponentParts, signal: AbortSignal): Promise<void>;
}

export function clusterComponents(host: Host, options: ComponentOptions): ClusterComponents {
  const { hasScheduler = true } = options;
  const controllers: ComponentState = { problem: 'the controllers are starting' };
  const scheduler: ComponentState = { problem: 'the scheduler is starting' };
  return {
    states: new Map([
      ['controller-manager', async () => controllers.problem],
      // Where it is another one, that one's lease tells how it is.
      ...(hasScheduler ? [['scheduler', async () => scheduler.problem] as const] : []),
    ]),
    async run(parts, signal) {
      const { apiServer, certificates, node, url } = parts;
      const informers = shareInformers(host, apiServer, signal);
      const shared = { apiServer, informers };
      const loadBalancers = node?.loadBalancers ?? noNode;
      await Promise.all([
        startControllers(
          host,
          { ...options, ...parts, informers, loadBalancers, state: controllers },
          signal,
        ),
        hasScheduler ? startScheduler(host, { ...shared, state: scheduler }, signal) : undefined,
        startSimulatedNodes(host, options.simulatedNodes, shared, signal),
        startIngress(host, { ...options, ...shared, certificates, url, node }, signal),
        node?.run(
          {
            ...shared,
            url,
            isOwn: true,
            serving: (place) => ownNodeServing(host, certificates, place),
          },
          signal,
        ),
      ]);
    },
  };
}

const noNode = {
  kind: 'none',
  why: 'this machine runs no pods to which an address could lead; see --node',
} as const;
