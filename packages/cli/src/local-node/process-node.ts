import { firstServiceAddress, parseAddressRange } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { NodeRuntime } from '@fairway/node-agent';
import { plainHost } from '@fairway/protocol';
import type { LocalNodeOptions } from './local-node-options.ts';
import { type LocalNodePlace, nodeTraces } from './local-node-place.ts';
import type { FoundRuntime } from './found-runtime.ts';
import type { ServedCluster } from './run-local-node.ts';
import type { OpenedNetwork } from './start-entrances.ts';

/** Pods as processes in namespaces, where this machine can have them. */
export async function processNode(
  host: Host,
  options: LocalNodeOptions,
  place: LocalNodePlace,
): Promise<FoundRuntime> {
  const { processHost, processNetwork } = await import('@fairway/node-agent');
  const found = await processHost(host);
  if (found.kind === 'unable') return { kind: 'none', why: found.why };
  const { isRoot } = found;
  const users = isRoot ? '' : ', with one user';
  const useless =
    options.loadBalancerCidr === undefined ? '' : '; --load-balancer-cidr does nothing for them';
  const network = processNetwork(nodeTraces(place.dataDirectory).processesDirectory, {
    files: host.files,
    isRoot,
  });
  const apiAddress = place.serviceAddress ?? firstServiceAddress(place.serviceCidr);
  const opened = Promise.withResolvers<OpenedNetwork>();
  return {
    kind: 'runtime',
    address: options.address ?? '127.0.0.1',
    words: `processes of this machine (image: host)${users}${useless}`,
    loadBalancers: {
      kind: 'none',
      why: 'no other machine or program reaches pods that are processes',
    },
    processNetwork: { network, opened: opened.promise, apiAddress },
    async openRuntime(podCidrs, cluster) {
      const runtime = await openProcesses(
        { host, options, place, isRoot, apiAddress },
        podCidrs,
        cluster,
      );
      opened.resolve({ podCidrs, gateway: network.gateway(podCidrs) });
      return runtime;
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function openProcesses(
  of: {
    readonly host: Host;
    readonly options: LocalNodeOptions;
    readonly place: LocalNodePlace;
    readonly isRoot: boolean;
    readonly apiAddress: string;
  },
  podCidrs: readonly string[],
  { url }: ServedCluster,
): Promise<NodeRuntime> {
  const { host, options, place, isRoot, apiAddress } = of;
  const { hostImages, processRuntime } = await import('@fairway/node-agent');
  const { hostname, port } = new URL(url);
  const target = { host: plainHost(hostname), port: Number(port || 443) };
  const { serviceCidr } = place;
  const runtime = await processRuntime({
    directory: nodeTraces(place.dataDirectory).processesDirectory,
    // It holds keys of the cluster.
    hiddenDirectory: place.dataDirectory,
    podCidrs,
    ...(parseAddressRange(serviceCidr).family === 'IPv4' ? { serviceCidr } : {}),
    isRoot,
    api: { serviceAddress: apiAddress, servicePort: 443, target },
    nodeProgram: options.nodeProgram,
    host: { ...host, background: options.background, machine: options.machineFiles },
  });
  const close = async (): Promise<void> => await runtime[Symbol.asyncDispose]();
  return { runtime, images: hostImages, [Symbol.asyncDispose]: close };
}
