import assert from 'node:assert/strict';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import { DisposalStack, type LogFields, type Logger } from '@fairway/host';
import { nodejsMachineFiles as machineFiles } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { Event, Node, Pod } from '@fairway/kinds/core/v1';
import { type TestContainerd, openTestContainerd } from '@fairway/node-agent/testing';
import { endPods } from '../src/agent/end-pods.ts';
import { followNodeApi, nodeUser } from '../src/agent/node-api.ts';
import { openPodParts } from '../src/agent/open-pod-parts.ts';
import { Evicting } from '../src/eviction/evict-pods.ts';
import { measurePods } from '../src/eviction/measure-pods.ts';
import type { NodeFacts } from '../src/node/node-facts.ts';
import { followNodePods } from '../src/pod-worker/follow-node-pods.ts';
import { WantedPods } from '../src/pod-worker/wanted-pods.ts';
import { StaticPods } from '../src/static-pods/static-pods.ts';
import { exampleNode } from './example-node.ts';

type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/** A node that runs pods in a containerd, and an API on which nobody else works. */
export class ContainerNode implements AsyncDisposable {
  readonly client: Client;
  readonly containerd: TestContainerd;
  readonly warnings: LogFields[] = [];
  readonly #server: TestServer;
  readonly #facts: NodeFacts;
  readonly #host = nodejsHost();
  #endPods = async (): Promise<void> => {};
  #evict = async (): Promise<void> => {};
  #leave = async (): Promise<void> => {};
  #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  static async open(): Promise<ContainerNode> {
    const server = await startTestServer({ disabledAdmissionPlugins: ['ServiceAccount'] });
    const node = new ContainerNode(server, await openTestContainerd());
    await node.client.create(Node, { metadata: { name: 'n1' } });
    await node.begin();
    return node;
  }

  private constructor(server: TestServer, containerd: TestContainerd) {
    this.#server = server;
    this.containerd = containerd;
    this.client = this.#clientFor(admin);
    const { directory } = containerd;
    this.#facts = {
      ...exampleNode,
      rootDirectory: `${directory}/kubelet`,
      logDirectory: `${directory}/logs`,
      cgroupRoot: `/fairway-test-${directory.slice(directory.lastIndexOf('-') + 1)}`,
    };
  }

  /** Looks once for pods that have outgrown limits of their own, whatever room the machine has. */
  async evict(): Promise<void> {
    await this.#evict();
  }

  get podsDirectory(): string {
    return `${this.#facts.rootDirectory}/pods`;
  }

  get logDirectory(): string {
    return this.#facts.logDirectory;
  }

  /** Ends the agent; what it runs goes on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#leave();
  }

  async begin(): Promise<void> {
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const client = this.#clientFor(nodeUser('n1'));
    const { runtime, images } = this.containerd;
    const logger = this.#logger();
    const api = followNodeApi(client, { name: 'n1', logger }, signal);
    const staticPods = new StaticPods();
    staticPods.want([], this.#host.clock.now());
    const pods = new WantedPods({ bound: api.bound, staticPods, client });
    const nodeRuntime = { runtime, images };
    const opened = new DisposalStack();
    const parts = await openPodParts(
      { ...this.#host, machineFiles, logger },
      { api, pods, node: this.#facts, nodeRuntime, signal },
      opened,
    );
    // As if nothing were known of it: pods are admitted whatever they ask for.
    this.#running = followNodePods({ ...parts, node: () => undefined }, signal);
    this.#leave = () => opened[Symbol.asyncDispose]();
    this.#endPods = () => endPods(parts);
    const { volumes, pressure } = parts;
    const measuring = { runtime, volumes, machineFiles, node: this.#facts };
    const evicting = new Evicting({
      thresholds: [],
      pressure,
      pods: () => pods.objects(),
      observe: async () => ({}),
      measure: (each, how) => measurePods(measuring, each, how),
      reclaimDisk: async () => {},
      spareRoom: { take: async () => {}, give: async () => {} },
      record: () => {},
      clock: this.#host.clock,
      logger,
    });
    this.#evict = () => evicting.look();
  }

  create(name: string, spec: Partial<NonNullable<Pod['spec']>>): Promise<Pod> {
    return this.client.create(Pod, {
      metadata: { name },
      spec: { nodeName: 'n1', containers: [this.shell('true')], ...spec },
    });
  }

  /** A container that runs a script. */
  shell(script: string, name = 'app'): NonNullable<Pod['spec']>['containers'][number] {
    return { name, image: this.containerd.image, command: ['sh', '-c', script] };
  }

  async events(name: string): Promise<readonly string[]> {
    const { items } = await this.client.list(Event).all();
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    // Tests that have failed leave pods.
    await this.#endPods();
    await this.#leave();
    await this.containerd[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    assert.deepEqual(this.warnings, []);
  }

  #clientFor(user: typeof admin): Client {
    const { clock, random } = this.#host;
    return createClient({ transport: this.#server.api.handlerFor(user), clock, random });
  }

  #logger(): Logger {
    const note = (message: string, fields?: LogFields): void =>
      void this.warnings.push({ message, ...fields });
    return { debug() {}, info() {}, warn: note, error: note };
  }
}
