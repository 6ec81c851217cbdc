import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { nodejsBackgroundProcesses, nodejsMachineFiles } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { podCgroups } from '../cgroups/pod-cgroups.ts';
import { containerHost, lackedCapabilities } from '../containerd/host-capabilities.ts';
import type { ContainerdFolders } from '../containerd/containerd-config.ts';
import { importImage } from '../containerd/import-image.ts';
import type { PrivateContainerdOptions } from '../containerd/containerd-process.ts';
import { type PrivateContainerd, openContainerd } from '../containerd/private-containerd.ts';
import type { CriClient } from '../cri/cri-client.ts';
import { criImages } from '../cri/cri-images.ts';
import { type CriRuntime, criRuntime } from '../cri/cri-runtime.ts';
import type { ImageStore } from '../runtime/image-store.ts';
import { busybox, busyboxImage } from './busybox-image.ts';
import { type RuntimeFixture, until } from './runtime-fixture.ts';

const testImage = 'test.invalid/busybox:1';

const host = {
  ...nodejsHost(),
  background: nodejsBackgroundProcesses,
  machine: nodejsMachineFiles,
};

/** What this machine lacks for tests with containerd, by name. In CI nothing may be lacking. */
export async function skipWithoutContainerd(): Promise<string | false> {
  const lacked = lackedCapabilities(await containerHost(host));
  const hasBusybox = (await host.files.stat(busybox)) !== undefined;
  const missing = lacked ?? (hasBusybox ? undefined : 'no busybox: install busybox-static');
  return missing === undefined || host.environment.variables['CI'] !== undefined ? false : missing;
}

/** A containerd of its own for tests, with an image of busybox. */
export interface TestContainerd extends RuntimeFixture {
  readonly client: CriClient;
  readonly folders: ContainerdFolders;
}

/** Starts one. Disposed of, nothing is left of it and of what it ran. */
export async function openTestContainerd(): Promise<TestContainerd> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-containerd-'));
  const id = directory.slice(directory.lastIndexOf('-') + 1);
  const fixture = new ContainerdFixture({
    directory,
    stateDirectory: `/run/fairway-${id}`,
    facts: await containerHost(host),
    host,
  });
  await fixture.open();
  await importImage(testImage, await busyboxImage(testImage), { client: fixture.client, host });
  return fixture;
}

class ContainerdFixture implements TestContainerd {
  readonly image = testImage;
  readonly #options: PrivateContainerdOptions;
  readonly #podCidr = testPodCidr();
  #opened: { readonly containerd: PrivateContainerd; readonly runtime: CriRuntime } | undefined;

  constructor(options: PrivateContainerdOptions) {
    this.#options = options;
  }

  get directory(): string {
    return this.#options.directory;
  }

  get cgroupRoot(): string {
    return `/${basename(this.#options.stateDirectory)}`;
  }

  get runtime(): CriRuntime {
    return this.#current.runtime;
  }

  get client(): CriClient {
    return this.#current.containerd.client;
  }

  get folders(): ContainerdFolders {
    return this.#current.containerd.folders;
  }

  get images(): ImageStore {
    return criImages(this.client);
  }

  async open(): Promise<void> {
    const containerd = await openContainerd(this.#options);
    await containerd.setNetwork([this.#podCidr]);
    const runtime = await criRuntime(containerd.client, host);
    this.#opened = { containerd, runtime };
    await until('the network is ready', async () =>
      (await runtime.problem()) === undefined ? true : undefined,
    );
  }

  async restart(): Promise<void> {
    const { runtime, containerd } = this.#current;
    await runtime[Symbol.asyncDispose]();
    await containerd.stop();
    await this.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { runtime, containerd } = this.#current;
    await runtime[Symbol.asyncDispose]();
    await containerd.destroy();
    const cgroups = await podCgroups({ ...host, root: this.cgroupRoot });
    for (const uid of await cgroups.leftovers()) await cgroups.remove(uid);
    await cgroups.removeAll();
    await rm(this.directory, { recursive: true });
  }

  get #current(): { readonly containerd: PrivateContainerd; readonly runtime: CriRuntime } {
    if (this.#opened === undefined) throw new Error('containerd is not open');
    return this.#opened;
  }
}

/** Several run on one machine, each with a network of its own. */
function testPodCidr(): string {
  const [second = 0, third = 0] = host.random.bytes(2);
  return `10.${128 + (second % 64)}.${third}.0/24`;
}
