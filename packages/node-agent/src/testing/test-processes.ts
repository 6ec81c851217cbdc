import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodejsBackgroundProcesses, nodejsMachineFiles } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import type { ApiRoute } from '../processes/api-relay.ts';
import { hostImages } from '../processes/host-image.ts';
import { type ProcessNetwork, processNetwork } from '../processes/network/process-network.ts';
import { processHost } from '../processes/process-host.ts';
import { type ProcessRuntime, processRuntime } from '../processes/process-runtime.ts';
import type { RuntimeFixture } from './runtime-fixture.ts';

const host = {
  ...nodejsHost(),
  background: nodejsBackgroundProcesses,
  machine: nodejsMachineFiles,
};

/** Why this machine cannot run pods as processes. In CI it has to. */
export async function skipWithoutNamespaces(): Promise<string | false> {
  const found = await processHost(host);
  if (found.kind === 'able') return false;
  return host.environment.variables['CI'] === undefined ? found.why : false;
}

/** A runtime of processes for tests. */
export interface TestProcesses extends RuntimeFixture {
  readonly runtime: ProcessRuntime;
  /** In which the pods are. */
  readonly network: ProcessNetwork;
  /** What its containers do not see, outside of `/tmp`, which is another one in them. */
  readonly hiddenDirectory: string;
}

/** Opens one. Disposed of, nothing is left of it and of what it ran. */
export async function openTestProcesses(
  options: {
    readonly api?: ApiRoute;
    /** False: as where the agent is not root, in a namespace with one user. */
    readonly isRoot?: boolean;
  } = {},
): Promise<TestProcesses> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-processes-'));
  const hiddenDirectory = await mkdtemp('/var/tmp/fairway-hidden-');
  const found = await processHost(host);
  if (found.kind === 'unable') throw new Error(found.why);
  const open = (): Promise<ProcessRuntime> =>
    processRuntime({
      directory: `${directory}/pods`,
      hiddenDirectory,
      podCidrs: ['10.244.0.0/24'],
      serviceCidr: '10.96.0.0/12',
      isRoot: found.isRoot,
      nodeProgram: process.execPath,
      host,
      ...options,
    });
  let runtime = await open();
  return {
    get runtime() {
      return runtime;
    },
    network: processNetwork(`${directory}/pods`, {
      files: host.files,
      isRoot: options.isRoot ?? found.isRoot,
    }),
    images: hostImages,
    image: 'host',
    directory,
    hiddenDirectory,
    cgroupRoot: '/fairway-processes',
    async restart() {
      await runtime[Symbol.asyncDispose]();
      runtime = await open();
    },
    async [Symbol.asyncDispose]() {
      for (const { sandboxes } of await runtime.listPods()) {
        for (const { id } of sandboxes) await runtime.removeSandbox(id);
      }
      await runtime[Symbol.asyncDispose]();
      for (const each of [directory, hiddenDirectory]) await rm(each, { recursive: true });
    },
  };
}
