import { fakeNodeAnnotation, isSimulated, nodeCondition } from '@fairway/kind-rules/nodes';
import type { Node, NodeCondition, NodeStatus } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type NodeVerdict,
  type SaidCondition,
  postedConditions,
  readyCondition,
  sufficientConditions,
} from '../node/node-conditions.ts';
import { kubeletVersion } from '../node/node-status.ts';
import { nodeAddress, simulatedNetworks } from './node-networks.ts';

/** On those that `simulated-nodes` has made, which it also takes away. */
const numberedAnnotation = 'fairway.dev/simulated-node';

/** How many nodes one cluster may have. Source: Kubernetes, considerations for large clusters. */
export const simulatedNodesMax = 5_000;

type AnyNode = DeepReadonly<Node>;

/** Nodes from 1: `simulated-1` and those after it. */
export function simulatedNodeName(number: number): string {
  return `simulated-${number}`;
}

/** The number in such a name; undefined for all others. */
export function simulatedNumberIn(name: string): number | undefined {
  const [, number] = /^simulated-([1-9]\d*)$/.exec(name) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Whether a node is pretended and has what its pods need of it: a network and an address. */
export function runsPods(node: AnyNode | undefined): node is AnyNode {
  return (
    isSimulated(node) && node.spec?.podCIDR !== undefined && node.status?.addresses !== undefined
  );
}

/** The number of a node that was made by number; undefined for all others. */
export function simulatedNodeNumber({ metadata }: AnyNode): number | undefined {
  if (metadata?.annotations?.[numberedAnnotation] !== 'true') return undefined;
  return simulatedNumberIn(metadata.name ?? '');
}

/** A node as it registers itself, in the network with this index. */
export function newSimulatedNode(number: number, networkIndex: number): Node {
  const name = simulatedNodeName(number);
  const podCIDR = simulatedNetworks.cidrOf(networkIndex);
  return {
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        type: 'kwok',
      },
      annotations: { [fakeNodeAnnotation]: 'fake', [numberedAnnotation]: 'true' },
    },
    spec: { podCIDR, podCIDRs: [podCIDR] },
  };
}

/** What its Ready condition says; undefined where it has said nothing yet. */
export function verdictOf(node: AnyNode): NodeVerdict | undefined {
  const ready = nodeCondition(node, 'Ready');
  if (ready === undefined || ready.status === 'Unknown') return undefined;
  const { reason = '', message = '' } = ready;
  return { isReady: ready.status === 'True', reason, message };
}

const capacityDefault = {
  cpu: '32',
  'ephemeral-storage': '256Gi',
  memory: '256Gi',
  pods: '110',
};

/**
 * The status that a node posts: what its maker has said about it stays, the rest is that of a machine with
 * 32 CPUs, 256 GiB and room for 110 pods.
 */
export function nodeStatus(
  node: AnyNode,
  by: { readonly verdict: NodeVerdict; readonly networkIndex: number; readonly nowMs: number },
): NodeStatus {
  const status = node.status ?? {};
  const name = node.metadata?.name ?? '';
  const capacity = status.capacity ?? status.allocatable ?? capacityDefault;
  const addresses = status.addresses ?? [
    { type: 'InternalIP' as const, address: nodeAddress(by.networkIndex) },
    { type: 'Hostname' as const, address: name },
  ];
  return {
    addresses,
    capacity,
    allocatable: status.allocatable ?? capacity,
    conditions: nodeConditions(node, by),
    nodeInfo: nodeInfo(node),
  };
}

function nodeConditions(
  node: AnyNode,
  { verdict, nowMs }: { readonly verdict: NodeVerdict; readonly nowMs: number },
): readonly NodeCondition[] {
  const before = node.status?.conditions;
  const said = sufficientConditions.map((each) => ownOf(before, each));
  return postedConditions(node, [...said, readyCondition(verdict)], nowMs);
}

type Conditions = NonNullable<AnyNode['status']>['conditions'];

/** What a stage has said about a pressure stays; that nobody has heard of the node does not. */
function ownOf(before: Conditions, usual: SaidCondition): SaidCondition {
  const own = before?.find(({ type }) => type === usual.type);
  return own === undefined || own.status === 'Unknown' ? usual : own;
}

function nodeInfo({ metadata, status }: AnyNode): NonNullable<NodeStatus['nodeInfo']> {
  const usual = {
    architecture: metadata?.labels?.['kubernetes.io/arch'] ?? 'amd64',
    bootID: metadata?.uid ?? '',
    containerRuntimeVersion: 'simulated://1.0.0',
    kernelVersion: '6.8.0-simulated',
    kubeletVersion,
    kubeProxyVersion: kubeletVersion,
    machineID: (metadata?.uid ?? '').replaceAll('-', ''),
    operatingSystem: metadata?.labels?.['kubernetes.io/os'] ?? 'linux',
    osImage: 'Simulated node',
    systemUUID: metadata?.uid ?? '',
  };
  const own = Object.entries(status?.nodeInfo ?? {}).filter(([, value]) => value !== '');
  return { ...usual, ...Object.fromEntries(own) };
}
