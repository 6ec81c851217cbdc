import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { releaseAddresses } from './held-addresses.ts';
import { nodeTraces } from './local-node-place.ts';
import { canHaveRules } from './start-network.ts';

type NodeContext = Pick<CommandContext, 'host' | 'background' | 'machineFiles' | 'program'>;

/**
 * Ends what the node of a cluster has left running that was killed, and takes away what it made on this machine, as
 * the cluster itself does when it ends in order. Answers whether there was anything. Nobody may run the cluster
 * meanwhile.
 *
 * Errors: `CommandError`, and those of the runtimes.
 */
export async function endAbandonedNode(
  context: NodeContext,
  dataDirectory: string,
): Promise<boolean> {
  const hasContainers = await endContainers(context, dataDirectory);
  const hasProcesses = await endProcesses(context, dataDirectory);
  if (!hasContainers && !hasProcesses) return false;
  await releaseAddresses(context.host, dataDirectory);
  return true;
}

async function endContainers(
  { host, background, machineFiles: machine }: NodeContext,
  dataDirectory: string,
): Promise<boolean> {
  const { containerdDirectory, stateDirectory, ...traces } = nodeTraces(dataDirectory);
  // Gone with the last start of the machine, as all that ran.
  if ((await host.files.stat(stateDirectory)) === undefined) return false;
  const agent = await import('@fairway/node-agent');
  const facts = await agent.containerHost(host);
  const lacks = agent.lackedCapabilities(facts);
  if (lacks !== undefined) {
    throw new CommandError(
      `cannot end the pods that the cluster on ${dataDirectory} has left: ${lacks}`,
    );
  }
  const doors = { ...host, background, machine };
  const containerd = await agent.openContainerd({
    directory: containerdDirectory,
    stateDirectory,
    facts,
    host: doors,
  });
  try {
    await using runtime = await agent.criRuntime(containerd.client, host);
    const { rootDirectory, cgroupRoot } = traces;
    await agent.endAbandonedPods(runtime, { rootDirectory, cgroupRoot, host: doors });
  } finally {
    await containerd.end();
  }
  if (canHaveRules(facts)) {
    const { removeRules } = await import('@fairway/network');
    await removeRules({ ...host, tableName: traces.tableName });
  }
  return true;
}

async function endProcesses(
  { host, background, machineFiles: machine, program }: NodeContext,
  dataDirectory: string,
): Promise<boolean> {
  const { processesDirectory: directory, rootDirectory } = nodeTraces(dataDirectory);
  if ((await host.files.stat(directory)) === undefined) return false;
  const agent = await import('@fairway/node-agent');
  const found = await agent.processHost(host);
  // Who cannot have such pods has none.
  if (found.kind === 'unable') return false;
  const doors = { ...host, background, machine };
  await using runtime = await agent.processRuntime({
    directory,
    podCidrs: [],
    isRoot: found.isRoot,
    nodeProgram: program.file,
    host: doors,
  });
  const hasPods = (await runtime.listPods()).length > 0;
  await agent.endAbandonedPods(runtime, { rootDirectory, host: doors });
  return hasPods;
}
