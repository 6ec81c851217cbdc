import { DisposalStack, type Host } from '@fairway/host';
import { nodeTraces } from './local-node-place.ts';
import { lockNetwork } from './lock-network.ts';

/** What of the machine's addresses a cluster has, as long as it has a node there. */
export interface HeldAddresses {
  /** Of the node's pods, by which clusters keep out of each other's way. */
  readonly podNetwork: string;
  /** Of all pods of the cluster, into which routes lead; absent in records of before. */
  readonly clusterNetwork?: string;
  /** Given to the machine by the cluster. */
  readonly address?: string;
  readonly loadBalancerNetwork?: string;
}

function recordOf(dataDirectory: string): string {
  return `${nodeTraces(dataDirectory).rootDirectory}/addresses.json`;
}

/** Writes down what whoever comes after a cluster that was killed has to take away. */
export async function recordAddresses(
  { files }: Pick<Host, 'files'>,
  dataDirectory: string,
  held: HeldAddresses,
): Promise<void> {
  await files.makeDirectory(nodeTraces(dataDirectory).rootDirectory, { mode: 0o750 });
  await files.write(recordOf(dataDirectory), Buffer.from(`${JSON.stringify(held)}\n`));
}

/** Takes away what a cluster had that was killed; what another one has by now stays. */
export async function releaseAddresses(host: Host, dataDirectory: string): Promise<void> {
  const bytes = await host.files.read(recordOf(dataDirectory));
  const held = bytes === undefined ? undefined : parseRecord(bytes);
  if (held === undefined) return;
  const { podNetwork, clusterNetwork, address, loadBalancerNetwork } = held;
  const { holdLocalAddress, holdLocalNetwork } = await import('@fairway/node-agent');
  await release(host, podNetwork, async () => {
    if (clusterNetwork !== undefined) await removeRoutes(host, clusterNetwork);
    return address === undefined ? undefined : holdLocalAddress(host, address);
  });
  if (loadBalancerNetwork !== undefined) {
    await release(host, loadBalancerNetwork, () => holdLocalNetwork(host, loadBalancerNetwork));
  }
}

async function removeRoutes({ processes, environment }: Host, clusterCidr: string): Promise<void> {
  const { removePodRoutes } = await import('@fairway/network');
  await removePodRoutes({ processes, environment, clusterCidr });
}

/** Whoever holds something takes it away in the end, also what was there before. */
async function release(
  host: Host,
  network: string,
  hold: () => Promise<AsyncDisposable | undefined>,
): Promise<void> {
  await using opened = new DisposalStack();
  const lock = await lockNetwork(host, network);
  if (lock === undefined) return;
  opened.use(lock);
  const held = await hold();
  if (held !== undefined) opened.use(held);
}

// A record that was cut short names nothing.
function parseRecord(bytes: Uint8Array): HeldAddresses | undefined {
  try {
    const held = JSON.parse(Buffer.from(bytes).toString()) as HeldAddresses;
    return typeof held.podNetwork === 'string' ? held : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
