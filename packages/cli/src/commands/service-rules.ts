import type { ConnectedClient } from '@fairway/client/connect';
import { ConfigMap, Node } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import {
  clusterConfigurationPlace,
  readClusterConfiguration,
} from '../local-node/cluster-configuration.ts';

export interface ServiceRulesFlags extends ClusterFlags {
  readonly dryRun?: boolean;
  readonly nodeName?: string;
  readonly clusterCidr?: string;
  readonly serviceClusterIpRange?: string;
  readonly loadBalancerCidr?: string;
}

/** Prints the rules of services and policies that a node of a cluster would give to nftables. */
export async function printServiceRules(
  context: CommandContext,
  flags: ServiceRulesFlags,
): Promise<void> {
  const { output, signal } = context;
  if (flags.dryRun !== true) {
    throw new CommandError(
      'the node of a cluster keeps its rules itself: say --dry-run to see which, as in `fairway service-rules --dry-run`',
    );
  }
  await using client = await openClient(context, flags);
  const [node, ranges] = await Promise.all([
    servingNode(client, context, flags),
    rangesOf(client, context, flags),
  ]);
  const { rulesText } = await import('@fairway/network');
  const { loadBalancerCidr } = flags;
  const place = {
    ...ranges,
    node,
    tableName: 'fairway',
    ...(loadBalancerCidr === undefined ? {} : { loadBalancerCidr }),
  };
  await output.write(await rulesText(client, place, signal));
}

/** The one that is named, that of this machine, or the only one that there is. */
async function servingNode(
  client: ConnectedClient,
  { host, signal }: CommandContext,
  { nodeName }: ServiceRulesFlags,
): Promise<{ readonly name: string; readonly addresses: readonly string[] }> {
  const { items } = await client.list(Node, { signal }).all();
  const wanted = nodeName ?? host.environment.hostName.toLowerCase();
  const named = items.find(({ metadata }) => metadata?.name === wanted);
  const node = named ?? (nodeName === undefined && items.length === 1 ? items[0] : undefined);
  if (node === undefined) {
    const names = items.map(({ metadata }) => metadata?.name).join(', ') || 'none';
    throw new CommandError(
      `the cluster has no node ${wanted}: say whose rules are meant with --node-name (there are: ${names})`,
    );
  }
  return {
    name: node.metadata?.name ?? '',
    addresses: (node.status?.addresses ?? []).map(({ address }) => address),
  };
}

async function rangesOf(
  client: ConnectedClient,
  { signal }: CommandContext,
  { clusterCidr, serviceClusterIpRange }: ServiceRulesFlags,
): Promise<{ readonly clusterCidr: string; readonly serviceCidr: string }> {
  if (clusterCidr !== undefined && serviceClusterIpRange !== undefined) {
    return { clusterCidr, serviceCidr: serviceClusterIpRange };
  }
  const { namespace, name } = clusterConfigurationPlace;
  const map = await client.find(ConfigMap, name, { namespace, signal });
  const told = map && (await readClusterConfiguration(map));
  if (told === undefined) {
    throw new CommandError(
      `the cluster does not say which addresses it has (config map ${namespace}/${name}): give them with --cluster-cidr and --service-cluster-ip-range`,
    );
  }
  return {
    clusterCidr: clusterCidr ?? told.podSubnet,
    serviceCidr: serviceClusterIpRange ?? told.serviceSubnet,
  };
}
