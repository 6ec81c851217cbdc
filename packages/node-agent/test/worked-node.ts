import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, ConnectionError, createClient } from '@fairway/client';
import type { LogFields, Logger } from '@fairway/host';
import { type ManualClock, seededRandom } from '@fairway/host/testing';
import { Event, Node, Pod } from '@fairway/kinds/core/v1';
import { createEventRecorder, createInformers } from '@fairway/reconcile';
import { podContainers } from '../src/pod-lifecycle/pod-containers.ts';
import { NodePressure } from '../src/eviction/node-pressure.ts';
import { followNodePods } from '../src/pod-worker/follow-node-pods.ts';
import type { ImageOutcome } from '../src/images/image-puller.ts';
import type { PodWorkerParts } from '../src/pod-worker/pod-worker-parts.ts';
import { Prober } from '../src/probes/prober.ts';
import type { ImageRecord } from '../src/runtime/image-store.ts';
import { PodError } from '../src/index.ts';
import { WantedPods } from '../src/pod-worker/wanted-pods.ts';
import { followManifests } from '../src/static-pods/follow-manifests.ts';
import { keepMirrorPods } from '../src/static-pods/mirror-pods.ts';
import { StaticPods } from '../src/static-pods/static-pods.ts';
import { ManifestFiles } from './manifest-files.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

const image: ImageRecord = { id: 'sha256:1', tags: [], digests: [], sizeBytes: 1, isPinned: false };

/** A node whose agent runs pods in a scripted runtime, and an API on which nobody else works. */
export class WorkedNode implements AsyncDisposable {
  readonly client: Client;
  readonly clock: ManualClock;
  readonly runtime: ScriptedRuntime;
  readonly warnings: LogFields[] = [];
  /** Of static pods. */
  readonly manifests = new ManifestFiles();
  /** What volumes and configurations lack, by the name of the volume or container. */
  readonly missing = new Map<string, string>();
  /** What stands instead of the image of a container. */
  readonly images = new Map<string, ImageOutcome>();
  /** What has to happen before a container is configured, by its name. */
  readonly gates = new Map<string, Promise<void>>();
  /** Pods whose volumes are there. */
  readonly mounted = new Set<string>();
  readonly pressure = new NodePressure();
  /** What a container of a pod waits for. */
  untilIsolated: NonNullable<PodWorkerParts['untilIsolated']> = async () => {};
  setUps = 0;
  /** The agent finds no API. */
  isApiAway = false;
  readonly #server: TestServer;
  #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  static async open(): Promise<WorkedNode> {
    // What a node cannot do it says itself, also where the API would have refused it.
    const server = await startTestServer({
      disabledAdmissionPlugins: ['ServiceAccount', 'PodResizeValidator'],
    });
    const node = new WorkedNode(server);
    await node.client.create(Node, {
      metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux', disk: 'ssd' } },
    });
    await node.client.subresource(Node, 'n1', 'status').patch({
      strategic: {
        status: { allocatable: { cpu: '2', memory: '2Gi', pods: '10' }, capacity: {} },
      },
    });
    await node.begin();
    return node;
  }

  private constructor(server: TestServer) {
    this.#server = server;
    this.clock = server.clock;
    this.client = this.#clientFor(admin);
    this.runtime = new ScriptedRuntime(server.clock);
  }

  /** The agent ends without a word, and another one begins. */
  async restart(): Promise<void> {
    await this.stop();
    await this.begin();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.clock.advance(0);
    await this.#running;
  }

  async begin(): Promise<void> {
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const user = { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
    const client = this.#clientFor(user, () => this.isApiAway);
    const { clock, runtime } = this;
    const random = seededRandom(5);
    const logger = this.#logger();
    const informers = createInformers({ client, signal, logger });
    const bound = informers.of(Pod, {
      allNamespaces: true,
      fieldSelector: 'spec.nodeName=n1',
    });
    const node = await client.get(Node, 'n1');
    const recorder = createEventRecorder({ client, component: 'kubelet', instance: 'n1', signal });
    const prober = new Prober({ runtime, clock, random });
    const staticPods = new StaticPods();
    const shared = { clock, random, logger, client, node: () => node };
    const parts: PodWorkerParts = {
      nodeName: 'n1',
      runtime,
      ...shared,
      pods: new WantedPods({ bound, staticPods, client }),
      recorder,
      prober,
      pressure: this.pressure,
      hostAddresses: () => ['192.0.2.7'],
      untilIsolated: (pod, addresses) => this.untilIsolated(pod, addresses),
      ...this.#fakes(),
    };
    const { manifests } = this;
    this.#running = Promise.all([
      followManifests({ ...shared, ...manifests.parts, staticPods, nodeName: 'n1' }, signal),
      keepMirrorPods({ ...shared, staticPods, pods: bound }, signal),
      followNodePods(parts, signal),
    ]).finally(() => prober[Symbol.dispose]());
    await clock.advance(10);
  }

  async create(name: string, spec: Partial<NonNullable<Pod['spec']>> = {}): Promise<Pod> {
    const pod = await this.client.create(Pod, {
      metadata: { name },
      spec: { nodeName: 'n1', containers: [{ name: 'app', image: 'web:1' }], ...spec },
    });
    await this.clock.advance(0);
    return pod;
  }

  pod(name: string): Promise<Pod | undefined> {
    return this.client.find(Pod, name);
  }

  /** `Running app:running(ready)`, once what is being written has been. */
  async state(name: string): Promise<string> {
    await this.clock.advance(0);
    const pod = await this.pod(name);
    if (pod === undefined) return 'gone';
    const containers = podContainers(pod).map(({ spec, status }) => {
      const { running, terminated, waiting } = status?.state ?? {};
      if (running) return `${spec.name}:running${status?.ready === true ? '(ready)' : ''}`;
      if (terminated) return `${spec.name}:exited(${terminated.exitCode})`;
      return `${spec.name}:${waiting?.reason ?? 'none'}`;
    });
    return [pod.status?.phase, pod.status?.reason, ...containers].filter(Boolean).join(' ');
  }

  /** What was said of a pod, in order: `Started`, `BackOff x2`. */
  async events(name: string): Promise<readonly string[]> {
    await this.clock.advance(1_000);
    const { items } = await this.client.list(Event).all();
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .sort((one, other) => ((one.metadata?.name ?? '') < (other.metadata?.name ?? '') ? -1 : 1))
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#server[Symbol.asyncDispose]();
  }

  #clientFor(user: typeof admin, isAway: () => boolean = () => false): Client {
    const { api, clock } = this.#server;
    const handler = api.handlerFor(user);
    return createClient({
      clock,
      random: seededRandom(11),
      transport: async (request) => {
        if (!isAway()) return handler(request);
        throw new ConnectionError({ problem: 'refused', message: 'nobody listens' });
      },
    });
  }

  #logger(): Logger {
    const note = (message: string, fields?: LogFields): void =>
      void this.warnings.push({ message, ...fields });
    return { debug() {}, info() {}, warn: note, error: note };
  }

  #fakes(): Pick<
    PodWorkerParts,
    'cgroups' | 'configs' | 'images' | 'logs' | 'sources' | 'volumes'
  > {
    return {
      images: {
        ensure: async (_pod, { spec }, record) => {
          const outcome = this.images.get(spec.name) ?? { kind: 'present', image };
          if (outcome.kind === 'waiting') {
            record({ type: 'Warning', reason: 'Failed', message: `Error: ${outcome.reason}` });
          }
          return outcome;
        },
      },
      volumes: {
        setUp: async (pod) => {
          const why = this.missing.get('volume');
          if (why !== undefined) throw new PodError(why);
          this.setUps += 1;
          this.mounted.add(pod.metadata?.name ?? '');
          return new Map();
        },
        tearDown: async () => this.mounted.clear(),
        leftovers: async () => [],
      },
      cgroups: { make: async () => {}, remove: async () => true, leftovers: async () => [] },
      logs: {
        removeOf: async () => {},
        removeAll: async () => {},
        leftovers: async () => [],
        removeLeft: async () => {},
      },
      sources: { release: () => {}, onChange: () => ({ [Symbol.dispose]: () => {} }) },
      configs: {
        sandbox: async ({ metadata, spec }, attempt) => ({
          pod: {
            name: metadata?.name ?? '',
            namespace: metadata?.namespace ?? '',
            uid: metadata?.uid ?? '',
          },
          attempt,
          logDirectory: '/logs',
          portMappings: [],
          labels: {},
          annotations: {},
          namespaces: {
            network: spec?.hostNetwork === true ? 'node' : 'pod',
            pid: 'container',
            ipc: 'pod',
          },
          sysctls: {},
          security: {},
        }),
        container: async ({ container, attempt, image: { id } }) => {
          await this.gates.get(container.name);
          const why = this.missing.get(container.name);
          if (why !== undefined) throw new PodError(why);
          return {
            name: container.name,
            attempt,
            imageId: id,
            image: container.image ?? '',
            command: [],
            args: [],
            environment: {},
            mounts: [],
            labels: {},
            annotations: {},
            logPath: `${container.name}/${attempt}.log`,
            stdin: false,
            stdinOnce: false,
            tty: false,
            resources: {},
            security: {},
          };
        },
        resources: (_pod, { resources }) => ({
          memoryBytesMax: Number.parseInt(String(resources?.limits?.['memory'] ?? 0), 10),
        }),
        refusal: () => undefined,
        isOutdated: (record, { image: wanted }) => record.image !== wanted,
        terminationMessage: async () => undefined,
      },
    };
  }
}
