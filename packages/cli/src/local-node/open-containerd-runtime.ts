import {
  type BackgroundProcesses,
  DisposalStack,
  type Host,
  type MachineFiles,
} from '@fairway/host';
import type { ContainerHost, NodeRuntime } from '@fairway/node-agent';
import { type LocalNodePlace, imageDirectory, nodeTraces } from './local-node-place.ts';

/** What of the machine containerd is started with. */
export interface ContainerdDoors {
  readonly host: Host;
  readonly facts: ContainerHost;
  readonly background: BackgroundProcesses;
  readonly machineFiles: MachineFiles;
}

/**
 * Opens a containerd of the node's own, with the images that were loaded into its data directory. Disposed
 * of, it runs on with its pods.
 *
 * Errors: `RuntimeError`.
 */
export async function openContainerdRuntime(
  { host, facts, background, machineFiles }: ContainerdDoors,
  place: LocalNodePlace,
  podCidrs: readonly string[],
): Promise<NodeRuntime> {
  const agent = await import('@fairway/node-agent');
  const { containerdDirectory, stateDirectory } = nodeTraces(place.dataDirectory);
  await using opened = new DisposalStack();
  const containerd = await agent.openContainerd({
    directory: containerdDirectory,
    stateDirectory,
    facts,
    host: { ...host, background, machine: machineFiles },
  });
  let hasEnded = false;
  opened.defer(async () => {
    if (!hasEnded) await containerd[Symbol.asyncDispose]();
  });
  await containerd.setNetwork(podCidrs);
  const runtime = opened.use(await agent.criRuntime(containerd.client, host));
  const folder = new agent.ImageFolder({ ...host, directory: imageDirectory(place.dataDirectory) });
  opened.use(await agent.serveLoadedImages({ ...host, folder, folders: containerd.folders }));
  const mountsOf = await agent.provideHostImage(folder, host);
  const images = agent.withLoadedImages(agent.criImages(containerd.client), folder);
  const all = opened.move();
  return {
    runtime,
    images,
    mountsOf,
    async end() {
      hasEnded = true;
      await containerd.end();
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}
