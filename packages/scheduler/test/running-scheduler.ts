import assert from 'node:assert/strict';
import type { ApiServer } from '@fairway/apiserver';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import type { Clock, LogFields, Logger } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import { Event, Node, Pod } from '@fairway/kinds/core/v1';
import type {
  Handler,
  HttpRequest,
  HttpResponse,
  KubernetesObject,
  UserInfo,
} from '@fairway/protocol';
import type { Informers } from '@fairway/reconcile';
import { createSchedulerElector, runScheduler } from '../src/run-scheduler.ts';
import type { Profile } from '../src/cycle/profile.ts';

/** A cluster in memory whose time stands still, with a scheduler. */
export interface RunningScheduler extends AsyncDisposable {
  readonly server: TestServer;
  /** The administrator, straight to the server. */
  readonly client: Client;
  readonly warnings: LogFields[];
  /** What the scheduler sends goes through this. */
  intercept(around: Intercept | undefined): void;
  /** Ends the scheduler and starts another one. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Another one beside it. */
  startAnother(): Promise<AsyncDisposable>;
  create(...objects: readonly (Node | Pod)[]): Promise<void>;
  /** Lets everything that can happen now happen. */
  settle(byMs?: number): Promise<void>;
  /** The node of a pod; undefined: none. */
  nodeOf(name: string): Promise<string | undefined>;
  pod(name: string): Promise<Pod>;
  /** `Scheduled: Successfully …`, of a pod. */
  eventsOf(name: string): Promise<readonly string[]>;
  /** Who says so. */
  componentsOf(name: string): Promise<readonly (string | undefined)[]>;
}

export type Intercept = (request: HttpRequest, next: Handler) => Promise<HttpResponse>;

export async function startScheduler({
  profiles,
  isElected = false,
  informers,
}: {
  readonly profiles?: readonly Profile[];
  /** Of several, one works at a time. */
  readonly isElected?: boolean;
  /** Makes the caches that it shares with others; its own when absent. */
  readonly informers?: (api: ApiServer, clock: Clock) => Informers;
} = {}): Promise<RunningScheduler> {
  const server = await startTestServer({
    // Pods of these tests bring numbers and no classes, and nobody says that nodes are ready.
    disabledAdmissionPlugins: ['ServiceAccount', 'TaintNodesByCondition', 'Priority'],
  });
  const { clock, api } = server;
  const warnings: LogFields[] = [];
  const note = (message: string, fields?: LogFields): void =>
    void warnings.push({ message, ...fields });
  const logger: Logger = { debug() {}, info() {}, warn: note, error: note };
  let around: Intercept | undefined;
  const intercepted = (next: Handler): Handler => {
    return (request) => (around === undefined ? next(request) : around(request, next));
  };
  let started = 0;
  const shared = informers?.(api, clock);
  const start = (): { stop(): Promise<void> } => {
    const stopping = new AbortController();
    const handlerFor = (user: UserInfo): Handler => intercepted(api.handlerFor(user));
    const parts = { handlerFor, clock, random: seededRandom(5), logger };
    const identity = `scheduler-${++started}`;
    const running = runScheduler(
      {
        ...parts,
        ...(shared === undefined ? {} : { informers: shared }),
        ...(isElected ? { elector: createSchedulerElector({ ...parts, identity }) } : {}),
        ...(profiles === undefined ? {} : { profiles }),
      },
      stopping.signal,
    );
    return {
      stop: () => {
        stopping.abort();
        return running;
      },
    };
  };
  let scheduler = start();
  const client = createClient({
    transport: api.handlerFor(admin),
    clock,
    random: seededRandom(11),
  });
  const settle = (byMs = 0): Promise<void> => clock.advance(byMs);
  await settle();
  return {
    server,
    client,
    warnings,
    settle,
    intercept: (given) => (around = given),
    async restart() {
      await scheduler.stop();
      scheduler = start();
      await settle();
    },
    stop: () => scheduler.stop(),
    async startAnother() {
      const other = start();
      await settle();
      return { [Symbol.asyncDispose]: () => other.stop() };
    },
    async create(...objects) {
      for (const object of objects) await createWithStatus(client, object);
      await settle();
    },
    nodeOf: async (name) => (await client.get(Pod, name)).spec?.nodeName,
    pod: (name) => client.get(Pod, name),
    async eventsOf(name) {
      const { items } = await client.list(Event, { allNamespaces: true }).all();
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`);
    },
    async componentsOf(name) {
      const { items } = await client.list(Event, { allNamespaces: true }).all();
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reportingComponent }) => reportingComponent);
    },
    async [Symbol.asyncDispose]() {
      await scheduler.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The status of a new object is written separately, as those do who own it. */
async function createWithStatus(client: Client, object: Node | Pod): Promise<void> {
  const isPod = object.spec !== undefined && 'containers' in object.spec;
  const kind = isPod ? Pod : Node;
  const { status, metadata } = object as KubernetesObject & { readonly status?: object };
  await client.create<Node | Pod>(kind as typeof Node, object as Node);
  if (status === undefined || Object.keys(status).length === 0) return;
  const where = isPod ? { namespace: metadata?.namespace ?? 'default' } : {};
  await client
    .subresource(kind as typeof Node, metadata?.name ?? '', 'status', where)
    .patch({ merge: { status } });
}

export function assertWarnings(cluster: RunningScheduler, ...expected: readonly string[]): void {
  assert.deepEqual(
    cluster.warnings.map(({ message }) => message),
    expected,
  );
}
