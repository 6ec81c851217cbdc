import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import { type ManualClock, seededRandom } from '@fairway/host/testing';
import type { LogFields, Logger, Secret } from '@fairway/host';
import type { NetworkRange } from '@fairway/kind-rules/nodes';
import { Namespace, ServiceAccount } from '@fairway/kinds/core/v1';
import type { Handler, HttpRequest } from '@fairway/protocol';
import type { LegacyTokens, LoadBalancerAddresses } from '../src/controller-parts.ts';
import { runControllers } from '../src/run-controllers.ts';

/** A cluster with all its controllers. */
export interface RunningCluster extends AsyncDisposable {
  readonly server: TestServer;
  /** The administrator, straight to the server. */
  readonly client: Client;
  readonly warnings: LogFields[];
  /** Answers how many such requests the controllers have sent since. */
  countRequests(method: string, path: RegExp): () => number;
  /** Lets the controllers work until `isReached`, for a minute of the cluster's time at most. */
  until(what: string, isReached: () => Promise<boolean>): Promise<void>;
  /** Ends all controllers, and starts them with nothing but what the API holds. */
  restartControllers(): Promise<void>;
}

export async function startRunningCluster(
  options: {
    readonly authorityCertificate?: string;
    readonly authorityKey?: Secret;
    readonly controllers?: readonly string[];
    readonly legacyTokens?: LegacyTokens;
    readonly podNetworks?: NetworkRange;
    readonly loadBalancerAddresses?: LoadBalancerAddresses;
    /** Instead of a store of its own. */
    readonly openStore?: NonNullable<Parameters<typeof startTestServer>[0]>['openStore'];
    /** What lies between the controllers and the API, once for each of them. */
    readonly around?: (api: Handler, clock: ManualClock) => Handler;
  } = {},
): Promise<RunningCluster> {
  const { around = (handler: Handler) => handler, openStore, ...parts } = options;
  const server = await startTestServer(openStore === undefined ? {} : { openStore });
  const { clock, api } = server;
  const warnings: LogFields[] = [];
  const note = (message: string, fields?: LogFields): void =>
    void warnings.push({ message, ...fields });
  const logger: Logger = { debug() {}, info() {}, warn: note, error: note };
  const onRequest = new Set<(request: HttpRequest) => void>();
  const listening = (handler: Handler): Handler => {
    return (request) => {
      for (const hear of onRequest) hear(request);
      return handler(request);
    };
  };
  const start = (): (() => Promise<void>) => {
    const stopping = new AbortController();
    const running = runControllers(
      {
        handlerFor: (user) => listening(around(api.handlerFor(user), clock)),
        clock,
        random: seededRandom(3),
        logger,
        authorityCertificate: 'a certificate',
        ...parts,
      },
      stopping.signal,
    );
    return () => {
      stopping.abort();
      return running;
    };
  };
  let stop = start();
  return {
    server,
    client: clientOf(server),
    warnings,
    countRequests(method, path) {
      let count = 0;
      onRequest.add((request) => {
        if (request.method === method && path.test(request.path)) count++;
      });
      return () => count;
    },
    async until(what, isReached) {
      for (let step = 0; step < 240; step++) {
        if (await isReached()) return;
        await clock.advance(250);
        // Keys and signatures are made in threads, which know nothing of this clock.
        await delay(1);
      }
      assert.fail(`${what} did not come about; ${JSON.stringify(warnings.slice(0, 5))}`);
    },
    async restartControllers() {
      await stop();
      stop = start();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Makes a namespace and its account for pods, where the controller of such accounts does not run. */
export async function addNamespace(client: Client, name: string): Promise<void> {
  await client.create(Namespace, { metadata: { name } });
  await client.create(ServiceAccount, { metadata: { name: 'default', namespace: name } });
}

/** The administrator of a server, in the same process. */
export function clientOf({ api, clock }: TestServer): Client {
  return createClient({ transport: api.handlerFor(admin), clock, random: seededRandom(11) });
}
