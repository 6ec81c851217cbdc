import assert from 'node:assert/strict';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import type { LogFields, Logger } from '@fairway/host';
import { nodejsMachineFiles as machine } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { Event, Node, Pod } from '@fairway/kinds/core/v1';
import { type TestContainerd, openTestContainerd } from '@fairway/node-agent/testing';
import { createEventRecorder, createInformers } from '@fairway/reconcile';
import { podCgroups } from '../src/cgroups/pod-cgroups.ts';
import { endPods } from '../src/agent/end-pods.ts';
import { followSources } from '../src/sources/follow-sources.ts';
import { createImagePuller } from '../src/images/image-puller.ts';
import type { NodeFacts } from '../src/node/node-facts.ts';
import { followNodePods } from '../src/pod-worker/follow-node-pods.ts';
import { podConfigs } from '../src/agent/pod-configs.ts';
import { podLogs } from '../src/pod-worker/pod-logs.ts';
import { WantedPods } from '../src/pod-worker/wanted-pods.ts';
import { StaticPods } from '../src/static-pods/static-pods.ts';
import { Prober } from '../src/probes/prober.ts';
import { podVolumes } from '../src/volumes/pod-volumes.ts';
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
    const user = { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
    const client = this.#clientFor(user);
    const { runtime, images } = this.containerd;
    const { clock, random, files } = this.#host;
    const logger = this.#logger();
    const node = this.#facts;
    const informers = createInformers({ client, signal, logger });
    const follower = { client, informers, clock, logger, signal };
    const sources = followSources(follower);
    const volumes = podVolumes({
      machine,
      files,
      sourcesOf: (pod) => sources.of(pod),
      node,
      memoryDirectory: `${node.rootDirectory}/memory`,
      clock,
      logger,
    });
    const cgroups = await podCgroups({ machine, files, root: node.cgroupRoot ?? '' });
    const prober = new Prober({ runtime, clock, random });
    const puller = createImagePuller({
      store: images,
      sources: (pod) => sources.of(pod),
      clock,
      files,
      recordFile: `${node.rootDirectory}/pulled-images.json`,
    });
    const instance = 'n1';
    const recorder = createEventRecorder({ client, component: 'kubelet', instance, signal });
    const bound = informers.of(Pod, {
      allNamespaces: true,
      fieldSelector: 'spec.nodeName=n1',
    });
    const staticPods = new StaticPods();
    staticPods.want([], clock.now());
    this.#running = followNodePods(
      {
        nodeName: 'n1',
        runtime,
        clock,
        random,
        logger,
        sources,
        volumes,
        cgroups,
        prober,
        images: puller,
        logs: podLogs({ machine, files, node }),
        configs: podConfigs({ node, sources, recorder, machine, files, clock }),
        pods: new WantedPods({ bound, staticPods, client }),
        recorder,
        node: () => undefined,
        hostAddresses: () => node.addresses,
      },
      signal,
    );
    this.#leave = async () => {
      prober[Symbol.dispose]();
      await volumes[Symbol.asyncDispose]();
    };
    this.#endPods = () => endPods({ runtime, volumes, cgroups, clock });
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
