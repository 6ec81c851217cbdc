import type { Client } from '@fairway/client';
import type { Logger, Secret } from '@fairway/host';
import type { NetworkRange } from '@fairway/kind-rules/nodes';
import type { UserInfo } from '@fairway/protocol';
import {
  type ComponentApi,
  type Informers,
  type LeaderElector,
  clientAs,
  createEventRecorder,
  createInformers,
  createLeaderElector,
  keepRunning,
  whileLeading,
} from '@fairway/reconcile';
import type { LegacyTokens, LoadBalancerAddresses } from './controller-parts.ts';
import { type ClusterController, allControllers } from './all-controllers.ts';
import { ServedResources } from './served-resources.ts';
import { selectControllers } from './select-controllers.ts';

export interface ClusterControllersOptions extends ComponentApi {
  readonly logger: Logger;
  /** The certificate of the cluster's authority, in PEM. */
  readonly authorityCertificate: string;
  /** By which pods know the API server, in PEM, where that is not the authority's certificate. */
  readonly rootCertificates?: string;
  /** The key of that authority, in PEM. Without it requests for certificates are not signed. */
  readonly authorityKey?: Secret;
  /** What nodes get for their pods. Without it they get nothing. */
  readonly podNetworks?: NetworkRange;
  /** Of services that are load balancers. Without it they wait for somebody else. */
  readonly loadBalancerAddresses?: LoadBalancerAddresses;
  /** Who signs the tokens that lie in secrets. Without it those stay empty. */
  readonly legacyTokens?: LegacyTokens;
  /** Which of them run, as for `selectControllers`; all when absent. */
  readonly controllers?: readonly string[];
  /**
   * Decides which of several processes runs the controllers of one cluster; see
   * `createControllersElector`. Absent: there is no other.
   */
  readonly elector?: LeaderElector;
}

/**
 * Runs controllers until the signal aborts, and resolves when their work has ended.
 *
 * Errors: `RangeError` for a list of controllers that names others; what the elector throws.
 */
export async function runControllers(
  options: ClusterControllersOptions,
  signal: AbortSignal,
): Promise<void> {
  const { elector, logger, controllers = ['*'] } = options;
  const selected = selectControllers(allControllers, controllers);
  const work = (working: AbortSignal): Promise<void> => runSelected(options, selected, working);
  return whileLeading(work, {
    elector,
    signal,
    onLost: (error) => logger.warn('this process does not run the controllers any more', { error }),
  });
}

/**
 * Elects among processes, each with an identity of its own, by the Lease of
 * kube-controller-manager.
 */
export function createControllersElector(
  options: ComponentApi & { readonly identity: string; readonly logger: Logger },
): LeaderElector {
  const { identity, logger } = options;
  const client = clientFor(options, 'leader-election', manager);
  const lease = { namespace: 'kube-system', name: 'kube-controller-manager' };
  return createLeaderElector({ client, lease, identity, logger });
}

/**
 * Makes caches for all components of a process, to be given to each of them: what several follow is received
 * and kept once. They may read what a controller manager may, and run until the signal aborts.
 */
export function createSharedInformers(
  options: ComponentApi & { readonly logger: Logger },
  signal: AbortSignal,
): Informers {
  const client = clientFor(options, 'shared-informers', manager);
  return createInformers({ client, signal, logger: options.logger });
}

/** Reads for all controllers, and holds the lease. */
const manager: UserInfo = {
  username: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
};

const administrator: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};

async function runSelected(
  options: ClusterControllersOptions,
  controllers: readonly ClusterController[],
  signal: AbortSignal,
): Promise<void> {
  const { logger, authorityCertificate, authorityKey, legacyTokens, podNetworks } = options;
  const { rootCertificates = authorityCertificate, loadBalancerAddresses } = options;
  const informers = options.informers ?? createSharedInformers(options, signal);
  const reader = clientFor(options, 'shared-informers', manager);
  const resources = new ServedResources({ client: reader, informers, logger, signal });
  await Promise.all(
    controllers.map(async ({ name, eventComponent: component = name, serviceAccount, create }) => {
      const client = clientFor(
        options,
        name,
        serviceAccount === undefined ? manager : userOf(serviceAccount),
      );
      const recorder = createEventRecorder({ client, component, signal, logger });
      const controller = create({
        name,
        client,
        administrator: clientFor(options, name, administrator),
        informers,
        resources,
        recorder,
        logger,
        rootCertificates,
        authorityCertificate,
        ...(authorityKey === undefined ? {} : { authorityKey }),
        ...(legacyTokens === undefined ? {} : { legacyTokens }),
        ...(podNetworks === undefined ? {} : { podNetworks }),
        ...(loadBalancerAddresses === undefined ? {} : { loadBalancerAddresses }),
      });
      if (controller === undefined) {
        logger.info('a controller has nothing to work with and does not run', { controller: name });
        return;
      }
      await keepRunning(() => controller.run({ signal }), {
        clock: options.clock,
        signal,
        onFailure: (error) =>
          logger.error('a controller has failed and is run again', { controller: name, error }),
      });
      await recorder.flushed();
    }),
  );
}

/** A client that is known by the part of the controller manager that uses it. */
function clientFor(api: ComponentApi, name: string, user: UserInfo): Client {
  return clientAs(api, user, `kube-controller-manager/fairway (${name})`);
}

function userOf(serviceAccount: string): UserInfo {
  return {
    username: `system:serviceaccount:kube-system:${serviceAccount}`,
    groups: [
      'system:serviceaccounts',
      'system:serviceaccounts:kube-system',
      'system:authenticated',
    ],
  };
}
