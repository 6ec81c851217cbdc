import { isIPv4 } from 'node:net';
import { parseNetwork } from '@fairway/kind-rules/nodes';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { parseEvictionFlag } from './eviction-flag.ts';
import type { LocalNodeOptions } from './local-node-options.ts';

/** What runs pods on this machine, as `fairway up` and `fairway node` are told. */
export interface NodeFlags {
  readonly node?: string;
  readonly nodeName?: string;
  readonly nodeIp?: string;
  readonly podManifestPath?: string;
  readonly containerRuntimeEndpoint?: string;
  readonly loadBalancerCidr?: string;
  readonly evictionHard?: string;
  /** Without `node`, no pods but theirs run. */
  readonly simulatedNodes?: string;
}

const runtimes = ['auto', 'containerd', 'process'] as const;
/** The machine runs no pods itself. */
const others = ['simulated', 'none'];

/** Reads what runs pods on this machine; undefined: nothing. Errors: `CommandError`. */
export function readNodeFlags(
  {
    background,
    machineFiles,
    program,
  }: Pick<CommandContext, 'background' | 'machineFiles' | 'program'>,
  flags: NodeFlags,
): LocalNodeOptions | undefined {
  const {
    nodeName: name,
    nodeIp: address,
    podManifestPath,
    containerRuntimeEndpoint,
    loadBalancerCidr,
    evictionHard,
  } = flags;
  const { node = flags.simulatedNodes === undefined ? 'auto' : 'none' } = flags;
  if (others.includes(node)) {
    const useless = Object.entries({
      '--pod-manifest-path': podManifestPath,
      '--container-runtime-endpoint': containerRuntimeEndpoint,
      '--load-balancer-cidr': loadBalancerCidr,
      '--eviction-hard': evictionHard,
    }).find(([, value]) => value !== undefined);
    if (useless === undefined) return undefined;
    const why = `with --node ${node} this machine runs no pods`;
    throw new CommandError(`cannot use ${useless[0]}: ${why}; take --node auto`);
  }
  const runtime = runtimes.find((each) => each === node);
  if (runtime === undefined) {
    const known = [...runtimes, ...others].join(', ');
    throw new CommandError(`cannot use --node ${JSON.stringify(node)}: it is one of ${known}`);
  }
  if (address !== undefined && !isIPv4(address)) {
    throw new CommandError(
      `cannot use --node-ip ${JSON.stringify(address)}: it is no IPv4 address`,
    );
  }
  if (loadBalancerCidr !== undefined && parseNetwork(loadBalancerCidr) === undefined) {
    throw new CommandError(
      `cannot use --load-balancer-cidr ${JSON.stringify(loadBalancerCidr)}: it is no network of IPv4 like 192.168.1.240/28`,
    );
  }
  if (containerRuntimeEndpoint !== undefined && runtime === 'process') {
    const why = 'pods are processes without a container runtime; take --node containerd';
    throw new CommandError(`cannot use --container-runtime-endpoint with --node process: ${why}`);
  }
  if (loadBalancerCidr !== undefined && runtime === 'process') {
    const why = 'no load balancer leads to pods that are processes; take --node containerd';
    throw new CommandError(`cannot use --load-balancer-cidr with --node process: ${why}`);
  }
  return {
    // Who names a runtime wants no other.
    ...(containerRuntimeEndpoint === undefined
      ? { runtime }
      : { runtime: 'containerd', runtimeEndpoint: containerRuntimeEndpoint }),
    nodeProgram: program.file,
    background,
    machineFiles,
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
    ...(loadBalancerCidr === undefined ? {} : { loadBalancerCidr }),
    ...(evictionHard === undefined ? {} : { evictionThresholds: parseEvictionFlag(evictionHard) }),
    ...(podManifestPath === undefined ? {} : { manifestDirectory: podManifestPath }),
  };
}
