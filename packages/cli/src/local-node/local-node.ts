import type { LoadBalancerAddresses } from '@fairway/controllers';
import type { Host } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import { containerdNode } from './containerd-node.ts';
import type { FoundRuntime } from './found-runtime.ts';
import type { LocalNodeOptions } from './local-node-options.ts';
import type { LocalNodePlace } from './local-node-place.ts';
import { processNode } from './process-node.ts';
import { type ServedCluster, runLocalNode } from './run-local-node.ts';

/** What there is before the API server: an address, and what can run containers. */
export interface LocalNode extends AsyncDisposable {
  /** Where pods reach the API server; undefined: it need not listen for them. */
  readonly apiAddress?: string;
  /** In words: `containerd 1.6.20`. */
  readonly runtime: string;
  readonly loadBalancers: LoadBalancerAddresses;
  readonly name: string;
  readonly address: string;
  /** Is a node of the cluster until the signal aborts; what runs then is ended. */
  run(cluster: ServedCluster, signal: AbortSignal): Promise<void>;
}

export type LocalNodeOutcome =
  | { readonly kind: 'node'; readonly node: LocalNode }
  | { readonly kind: 'none'; readonly why: string };

const runtimes = { containerd: containerdNode, process: processNode };

/**
 * Looks whether this machine can run containers, and takes hold of what its node needs.
 *
 * Errors: `CommandError` where it cannot and `auto` was not said.
 */
export async function prepareLocalNode(
  host: Host,
  options: LocalNodeOptions,
  place: LocalNodePlace,
): Promise<LocalNodeOutcome> {
  const isAuto = options.runtime === 'auto';
  const wanted =
    options.runtime === 'auto' ? (['containerd', 'process'] as const) : [options.runtime];
  const lacks: string[] = [];
  for (const name of wanted) {
    const found = await runtimes[name](host, options, place);
    if (found.kind === 'runtime') {
      return { kind: 'node', node: nodeOn(found, { host, options, place, lacks }) };
    }
    lacks.push(isAuto ? `no ${name}: ${found.why}` : found.why);
  }
  const why = lacks.join('; ');
  if (isAuto) return { kind: 'none', why };
  throw new CommandError(`cannot use --node ${options.runtime}: ${why}`);
}

/** How the node is called. */
export function localNodeName(
  { environment }: Pick<Host, 'environment'>,
  { name = environment.hostName.toLowerCase() }: Pick<LocalNodeOptions, 'name'> = {},
): string {
  return name;
}

function nodeOn(
  { apiAddress, words, ...runtime }: FoundRuntime & { readonly kind: 'runtime' },
  of: {
    readonly host: Host;
    readonly options: LocalNodeOptions;
    readonly place: LocalNodePlace;
    /** Why it is not one that is preferred. */
    readonly lacks: readonly string[];
  },
): LocalNode {
  const { host, options, place, lacks } = of;
  const { machineFiles, manifestDirectory, evictionThresholds } = options;
  const name = localNodeName(host, options);
  const manifests = manifestDirectory === undefined ? {} : { manifestDirectory };
  const evictions = evictionThresholds === undefined ? {} : { evictionThresholds };
  const node = { ...runtime, name, place, machineFiles, ...manifests, ...evictions };
  return {
    ...(apiAddress === undefined ? {} : { apiAddress }),
    loadBalancers: runtime.loadBalancers,
    name,
    address: runtime.address,
    runtime: [words, ...lacks].join('; '),
    run: (cluster, signal) => runLocalNode(host, node, cluster, signal),
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  };
}
