import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerConfig, ContainerRecord } from '../runtime/container.ts';
import type { ImageStore } from '../runtime/image-store.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';

/** A runtime that tests may do anything to, and what they need to know of it. */
export interface RuntimeFixture extends AsyncDisposable {
  readonly runtime: PodRuntime;
  readonly images: ImageStore;
  /** An image with a shell and the usual small programs. */
  readonly image: string;
  /** Absolute; for logs, and for what is mounted. */
  readonly directory: string;
  /** Below which the cgroups of its pods are: `/fairway-1f2e`. */
  readonly cgroupRoot: string;
  /** Ends what keeps the containers, not the containers, and starts it again. */
  restart(): Promise<void>;
}

/** Declares a test, as `test` of Node.js does. */
export type DeclareTest = (name: string, body: () => Promise<void>) => void;

let podCount = 0;

/** A pod of the fixture's, of which nothing is left when it is disposed of. */
export class TestPod implements AsyncDisposable {
  readonly config: SandboxConfig;
  readonly #fixture: RuntimeFixture;
  readonly #sandboxId: string;
  readonly #imageId: string;

  private constructor(
    fixture: RuntimeFixture,
    pod: { readonly config: SandboxConfig; readonly sandboxId: string; readonly imageId: string },
  ) {
    this.#fixture = fixture;
    this.config = pod.config;
    this.#sandboxId = pod.sandboxId;
    this.#imageId = pod.imageId;
  }

  static async start(
    fixture: RuntimeFixture,
    changes: Partial<SandboxConfig> = {},
  ): Promise<TestPod> {
    podCount += 1;
    const uid = `00000000-0000-4000-8000-${String(podCount).padStart(12, '0')}`;
    const config: SandboxConfig = {
      pod: { name: `pod-${podCount}`, namespace: 'default', uid },
      attempt: 0,
      hostname: `pod-${podCount}`,
      logDirectory: join(fixture.directory, 'logs', uid),
      dns: { servers: ['10.96.0.10'], searches: ['svc.cluster.local'], options: ['ndots:5'] },
      portMappings: [],
      labels: { 'io.kubernetes.pod.uid': uid },
      annotations: { 'example.com/note': 'kept as it is' },
      cgroupParent: `${fixture.cgroupRoot}/pod${uid}`,
      namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
      sysctls: {},
      security: {},
      ...changes,
    };
    const image = await fixture.images.find(fixture.image);
    const sandboxId = await fixture.runtime.startSandbox(config);
    return new TestPod(fixture, { config, sandboxId, imageId: image?.id ?? '' });
  }

  get sandboxId(): string {
    return this.#sandboxId;
  }

  async addresses(): Promise<readonly string[]> {
    const pods = await this.#fixture.runtime.listPods();
    const sandboxes = pods.flatMap(({ sandboxes: each }) => each);
    return sandboxes.find(({ id }) => id === this.#sandboxId)?.addresses ?? [];
  }

  containerConfig(script: string, changes: Partial<ContainerConfig> = {}): ContainerConfig {
    const { name = 'main', attempt = 0 } = changes;
    return {
      name,
      attempt,
      image: this.#fixture.image,
      imageId: this.#imageId,
      command: ['sh', '-c', script],
      args: [],
      environment: { PATH: '/bin:/usr/bin:/sbin:/usr/sbin' },
      mounts: [],
      labels: { 'io.kubernetes.container.name': name },
      annotations: {},
      logPath: `${name}/${attempt}.log`,
      stdin: false,
      stdinOnce: false,
      tty: false,
      resources: {},
      security: {},
      ...changes,
    };
  }

  /** Answers the identifier of a container that does not run yet. */
  create(script: string, changes: Partial<ContainerConfig> = {}): Promise<string> {
    const config = this.containerConfig(script, changes);
    return this.#fixture.runtime.createContainer(this.#sandboxId, config, this.config);
  }

  /** Answers the identifier of a container that runs. */
  async run(script: string, changes: Partial<ContainerConfig> = {}): Promise<string> {
    const id = await this.create(script, changes);
    await this.#fixture.runtime.startContainer(id);
    return id;
  }

  /** Runs a container to its end. */
  async runToEnd(script: string, changes: Partial<ContainerConfig> = {}): Promise<ContainerRecord> {
    return await ended(this.#fixture.runtime, await this.run(script, changes));
  }

  /** The lines of a container's log without their times: `stdout F hello`. */
  async log(name = 'main', attempt = 0): Promise<readonly string[]> {
    const path = join(this.config.logDirectory, name, `${attempt}.log`);
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    return lines.map((line) => line.slice(line.indexOf(' ') + 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fixture.runtime.stopSandbox(this.#sandboxId);
    await this.#fixture.runtime.removeSandbox(this.#sandboxId);
  }
}

/** The record of a container once it has ended. */
export async function ended(runtime: PodRuntime, containerId: string): Promise<ContainerRecord> {
  return await until(`container ${containerId} ends`, async () => {
    const record = await runtime.containerRecord(containerId);
    return record?.state === 'exited' ? record : undefined;
  });
}

const untilMs = 20_000;

/** Looks until there is an answer: what happens in another process tells nobody here. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + untilMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await delay(10);
  }
}
