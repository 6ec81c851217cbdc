import { firstServiceAddress } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { NodeRuntime } from '@fairway/node-agent';
import { plainHost } from '@fairway/protocol';
import type { LocalNodeOptions } from './local-node-options.ts';
import { type LocalNodePlace, nodeTraces } from './local-node-place.ts';
import type { FoundRuntime } from './found-runtime.ts';
import type { ServedCluster } from './run-local-node.ts';

/** Pods as processes in namespaces, where this machine can have them. */
export async function processNode(
  host: Host,
  options: LocalNodeOptions,
  place: LocalNodePlace,
): Promise<FoundRuntime> {
  const { processHost } = await import('@fairway/node-agent');
  const found = await processHost(host);
  if (found.kind === 'unable') return { kind: 'none', why: found.why };
  const { isRoot } = found;
  const users = isRoot ? '' : ', with one user';
  const useless =
    options.loadBalancerCidr === undefined ? '' : '; --load-balancer-cidr does nothing for them';
  const opened = { host, options, place, isRoot };
  return {
    kind: 'runtime',
    address: options.address ?? '127.0.0.1',
    words: `processes of this machine (image: host)${users}, and reach of the cluster its API only${useless}`,
    loadBalancers: {
      kind: 'none',
      why: 'no other machine or program reaches pods that are processes',
    },
    openRuntime: (podCidrs, cluster) => openProcesses(opened, podCidrs, cluster),
    async [Symbol.asyncDispose]() {},
  };
}

async function openProcesses(
  of: {
    readonly host: Host;
    readonly options: LocalNodeOptions;
    readonly place: LocalNodePlace;
    readonly isRoot: boolean;
  },
  podCidrs: readonly string[],
  { url }: ServedCluster,
): Promise<NodeRuntime> {
  const { host, options, place, isRoot } = of;
  const { hostImages, processRuntime } = await import('@fairway/node-agent');
  const { hostname, port } = new URL(url);
  const target = { host: plainHost(hostname), port: Number(port || 443) };
  const runtime = await processRuntime({
    directory: nodeTraces(place.dataDirectory).processesDirectory,
    // It holds keys of the cluster.
    hiddenDirectory: place.dataDirectory,
    podCidrs,
    isRoot,
    api: {
      serviceAddress: place.serviceAddress ?? firstServiceAddress(place.serviceCidr),
      servicePort: 443,
      target,
    },
    nodeProgram: options.nodeProgram,
    host: { ...host, background: options.background, machine: options.machineFiles },
  });
  const close = async (): Promise<void> => await runtime[Symbol.asyncDispose]();
  return { runtime, images: hostImages, [Symbol.asyncDispose]: close };
}
