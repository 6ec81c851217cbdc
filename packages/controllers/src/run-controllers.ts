import { type Client, createClient } from '@fairway/client';
import { type Clock, type Logger, type Random, sleep } from '@fairway/host';
import type { Handler, UserInfo } from '@fairway/protocol';
import {
  type Controller,
  LeadershipLostError,
  createInformers,
  runAsLeader,
} from '@fairway/reconcile';
import { clusterRoles } from './cluster-roles/cluster-roles.ts';
import type { ControllerParts } from './controller-parts.ts';
import { garbage } from './garbage/garbage.ts';
import { namespaces } from './namespaces/namespaces.ts';
import { rootCa } from './root-ca/root-ca.ts';
import { claimProtection, volumeProtection } from './storage-protection/storage-protection.ts';
import { serviceAccounts } from './service-accounts/service-accounts.ts';

export interface ClusterControllersOptions {
  /** The API for a user: in process, or over a connection with the credentials of that user. */
  readonly handlerFor: (user: UserInfo) => Handler;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The certificate of the API server's authority, in PEM. Pods get it to trust the server. */
  readonly authorityCertificate: string;
  /**
   * Who this process is among several that could run the controllers of one cluster: the one that
   * holds the Lease does. Absent: there is no other.
   */
  readonly identity?: string;
}

/** Every controller of the cluster, and as whom it acts. Their roles are those of a new cluster. */
const controllers: readonly {
  readonly serviceAccount: string;
  readonly create: (parts: ControllerParts) => Controller;
}[] = [
  { serviceAccount: 'service-account-controller', create: serviceAccounts },
  { serviceAccount: 'root-ca-cert-publisher', create: rootCa },
  { serviceAccount: 'clusterrole-aggregation-controller', create: clusterRoles },
  { serviceAccount: 'namespace-controller', create: namespaces },
  { serviceAccount: 'generic-garbage-collector', create: garbage },
  { serviceAccount: 'pvc-protection-controller', create: claimProtection },
  { serviceAccount: 'pv-protection-controller', create: volumeProtection },
];

/** A controller that has failed is run again after this long. */
const restartMs = 5_000;

/** Runs all controllers until the signal aborts, and resolves when their work has ended. */
export async function runControllers(
  options: ClusterControllersOptions,
  signal: AbortSignal,
): Promise<void> {
  const { identity, logger } = options;
  const client = clientFor(options, {
    username: 'system:kube-controller-manager',
    groups: ['system:authenticated'],
  });
  if (identity === undefined) return runAll(options, client, signal);
  const lead = (leading: AbortSignal): Promise<void> => runAll(options, client, leading);
  while (!signal.aborted) {
    try {
      await runAsLeader({ client, lease, identity, logger }, lead, signal);
    } catch (error) {
      // Everything that worked has ended: it can stand for election again.
      if (!(error instanceof LeadershipLostError)) throw error;
      logger.warn('this process does not run the controllers any more', { identity });
    }
  }
}

const lease = { namespace: 'kube-system', name: 'kube-controller-manager' };

async function runAll(
  options: ClusterControllersOptions,
  reader: Client,
  signal: AbortSignal,
): Promise<void> {
  const { logger, authorityCertificate } = options;
  const informers = createInformers({ client: reader, signal, logger });
  await Promise.all(
    controllers.map(({ serviceAccount, create }) => {
      const client = clientFor(options, userOf(serviceAccount));
      const controller = create({ client, informers, logger, authorityCertificate });
      return keepRunning(controller, { ...options, name: serviceAccount, signal });
    }),
  );
}

function clientFor(
  { handlerFor, clock, random }: ClusterControllersOptions,
  user: UserInfo,
): Client {
  return createClient({ transport: handlerFor(user), clock, random });
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

async function keepRunning(
  controller: Controller,
  options: {
    readonly name: string;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { name, clock, logger, signal } = options;
  while (!signal.aborted) {
    try {
      await controller.run({ signal });
    } catch (error) {
      logger.error('a controller has failed and is run again', { controller: name, error });
    }
    await sleep(clock, restartMs, signal).catch(() => undefined);
  }
}
