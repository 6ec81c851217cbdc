/** A whole cluster inside a test: real validation, conflicts, watches and controllers, no socket. */
import { legacyTokenIssuer, loadServiceAccountKeys } from '@fairway/access';
import { createApiServer, stampResourceVersion } from '@fairway/apiserver';
import { type Client, createClient } from '@fairway/client';
import { allControllers, runControllers, selectControllers } from '@fairway/controllers';
import { type Clock, type Logger, type Random, silentLogger } from '@fairway/host';
import { nodejsHost, systemClock, systemRandom } from '@fairway/host/nodejs';
import { MemoryFiles } from '@fairway/host/testing';
import { checkNodeCount, parseStages } from '@fairway/node-agent';
import { type Handler, type UserInfo, isSafe } from '@fairway/protocol';
import { createMemoryStore } from '@fairway/store';
import { WebhookConnections } from './cluster-access/webhook-connections.ts';
import { shareInformers } from './cluster/share-informers.ts';
import { startScheduler } from './cluster/start-scheduler.ts';
import { type SimulatedNodes, startSimulatedNodes } from './cluster/start-simulated-nodes.ts';
import { platformOf } from './platform-name.ts';

export interface TestClusterOptions {
  /** The machine's own when absent; a `ManualClock` makes time a part of the test. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /**
   * Which controllers run, by the names that `fairway up --controllers` takes; all when absent. None leaves
   * the API alone: no default service account, no garbage collection.
   */
  readonly controllers?: readonly string[];
  /** Puts pods on the nodes that there are. Absent: only where nodes are simulated. */
  readonly hasScheduler?: boolean;
  /**
   * Nodes that are pretended, `simulated-1` and those after it: their pods run. None when absent. The scheduler
   * and `node-lifecycle-controller`, without which no pod comes to a node, run with them.
   */
  readonly simulatedNodes?: number;
  /** What pods on these nodes do beside the usual: objects as in a file for `fairway up --stages`. */
  readonly stages?: readonly object[];
}

/** A cluster in this process. */
export interface TestCluster extends AsyncDisposable {
  /** The administrator. */
  readonly client: Client;
  /** Somebody else, with the rights that roles give them. */
  clientFor(user: UserInfo): Client;
  /** The API for a user, to be wrapped before `createClient` gets it: in faults, say. */
  handlerFor(user: UserInfo): Handler;
  /** Forgets the past: watches and pages that begin there get 410 from now on. */
  compact(): Promise<void>;
}

/** The user that the cluster's administrator is. */
export const administrator: UserInfo = { username: 'admin', groups: ['system:masters'] };

/**
 * Opens a cluster in memory. It takes some tens of milliseconds and shares nothing with others. Webhooks that are
 * configured are called.
 *
 * Errors: `RangeError` for controllers or a number of nodes that there cannot be, `StageError` for stages.
 */
export async function openTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
  const { controllers: named = ['*'] } = options;
  const controllers =
    options.simulatedNodes === undefined ? named : [...named, 'node-lifecycle-controller'];
  if (controllers.length > 0) selectControllers(allControllers, controllers);
  const simulatedNodes = readSimulatedNodes(options);
  const { hasScheduler = simulatedNodes !== undefined } = options;
  const store = createMemoryStore({ stamp: stampResourceVersion, clock });
  const keys = await loadServiceAccountKeys(new MemoryFiles(), '/service-account.key');
  const authorityCertificate = 'a cluster without sockets has no certificates';
  const webhooks = new WebhookConnections({ clock, random }, noPodPort);
  const server = await createApiServer({
    store,
    clock,
    random,
    logger,
    serviceAccountTokens: { keys: () => keys },
    authorityCertificate,
    advertised: { host: '192.0.2.1', port: 6443 },
    serviceClusterIpRange: '10.0.0.0/16',
    platform: platformOf(nodejsHost().environment),
    dial: { webhook: (endpoint) => webhooks.dial(endpoint) },
  });
  const { handlerFor } = server;
  const stopping = new AbortController();
  const parts = { handlerFor, clock, random, logger };
  const informers = shareInformers(parts, server, stopping.signal);
  const legacyTokens = { issue: legacyTokenIssuer(() => keys), areGivenToEveryAccount: false };
  const running = Promise.all([
    controllers.length === 0
      ? undefined
      : runControllers(
          { ...parts, informers: await informers, controllers, authorityCertificate, legacyTokens },
          stopping.signal,
        ),
    hasScheduler
      ? startScheduler(parts, { apiServer: server, informers }, stopping.signal)
      : undefined,
    startSimulatedNodes(parts, simulatedNodes, { apiServer: server, informers }, stopping.signal),
  ]);
  const settledFor = (user: UserInfo): Handler => heardOf(handlerFor(user));
  const clientFor = (user: UserInfo): Client =>
    createClient({ transport: settledFor(user), clock, random });
  return {
    client: clientFor(administrator),
    clientFor,
    handlerFor: settledFor,
    compact: async () => store.compact(await store.currentRevision()),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await server.close();
      await webhooks[Symbol.asyncDispose]();
      await store.close();
    },
  };
}

/**
 * A write is answered when all that follow the store have heard of it: the roles, policies, webhooks and quotas that
 * it is about hold for the next request, as they do for one that takes the time of a socket.
 */
function heardOf(handler: Handler): Handler {
  return async (request) => {
    const response = await handler(request);
    // What was written is told in this turn of the event loop.
    if (!isSafe(request)) await new Promise((resolve) => setImmediate(resolve));
    return response;
  };
}

/** Pods here run no programs. */
const noPodPort = (): never => {
  throw new Error('the pods of a test cluster run no programs');
};

function readSimulatedNodes({
  simulatedNodes: count,
  stages = [],
}: TestClusterOptions): SimulatedNodes | undefined {
  if (count === undefined) return undefined;
  checkNodeCount(count);
  return { count, stages: parseStages(stages) };
}
