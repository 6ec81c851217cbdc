import assert from 'node:assert/strict';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import type { LogFields, Logger } from '@fairway/host';
import { type ManualClock, seededRandom } from '@fairway/host/testing';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { type Stage, runSimulatedNodes } from '../src/index.ts';

/** An API whose nodes are simulated; nobody else works on it. */
export interface SimulatedCluster extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: ManualClock;
  /** The administrator. */
  readonly client: Client;
  readonly warnings: readonly LogFields[];
  /** Makes a pod that is bound to a node. */
  createPod(name: string, how?: NewPod): Promise<Pod>;
  pod(name: string): Promise<Pod | undefined>;
  node(name: string): Promise<Node>;
  /** Ends those who pretend the nodes and begins anew, as a new process would. */
  restart(changed?: Partial<Simulation>): Promise<void>;
}

export interface NewPod {
  readonly node?: string;
  readonly metadata?: NonNullable<Pod['metadata']>;
  readonly spec?: Partial<NonNullable<Pod['spec']>>;
}

export interface Simulation {
  readonly count: number;
  readonly stages?: readonly Stage[];
}

export async function openSimulatedCluster(simulation: Simulation): Promise<SimulatedCluster> {
  const server = await startTestServer({ disabledAdmissionPlugins: ['ServiceAccount'] });
  const { clock, api } = server;
  const warnings: LogFields[] = [];
  const note = (message: string, fields?: LogFields): void =>
    void warnings.push({ message, ...fields });
  const logger: Logger = { debug() {}, info() {}, warn: note, error: note };
  let current = simulation;
  const begin = (): { readonly stop: () => Promise<void> } => {
    const stopping = new AbortController();
    const { handlerFor } = api;
    const random = seededRandom(5);
    const running = runSimulatedNodes(
      { handlerFor, clock, random, logger, ...current },
      stopping.signal,
    );
    return {
      async stop() {
        stopping.abort();
        await clock.advance(0);
        await running;
      },
    };
  };
  let running = begin();
  const client = createClient({
    transport: api.handlerFor(admin),
    clock,
    random: seededRandom(11),
  });
  await clock.advance(10);
  return {
    server,
    clock,
    client,
    warnings,
    async createPod(name, { node = 'simulated-1', metadata = {}, spec = {} } = {}) {
      const pod = await client.create(Pod, {
        metadata: { name, ...metadata },
        spec: { nodeName: node, containers: [{ name: 'app', image: 'nginx:1' }], ...spec },
      });
      await clock.advance(0);
      return pod;
    },
    pod: (name) => client.find(Pod, name),
    node: (name) => client.get(Node, name),
    async restart(changed = {}) {
      await running.stop();
      current = { ...current, ...changed };
      running = begin();
      await clock.advance(10);
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await server[Symbol.asyncDispose]();
      assert.deepEqual(warnings, []);
    },
  };
}
