import type { ContainerImage, Node, NodeStatus } from '@fairway/kinds/core/v1';
import { type DeepReadonly, canonicalQuantity } from '@fairway/protocol';
import type { Machine } from './machine.ts';
import {
  type NodeVerdict,
  type SaidCondition,
  postedConditions,
  readyCondition,
  sufficientConditions,
} from './node-conditions.ts';

/** What a node knows of itself at a moment. */
export interface NodeReport {
  readonly machine: Machine;
  /** Where others reach it. */
  readonly address: string;
  /** On which the agent answers; undefined while it does not. */
  readonly port: number | undefined;
  readonly podsMax: number;
  /** `containerd://1.6.20` */
  readonly runtimeVersion: string;
  readonly images: readonly ContainerImage[];
  readonly verdict: NodeVerdict;
  /** What it is short of; the others are as usual. */
  readonly pressures: readonly SaidCondition[];
}

/** The kubelet that this is like. */
export const kubeletVersion = 'v1.36.2';

/** How many images a status tells of. Source: kubelet, `nodeStatusMaxImages`. */
const imagesMax = 50;

/** What a node posts about itself. Source: kubelet, node status setters. */
export function nodeStatus(
  node: DeepReadonly<Node>,
  report: NodeReport,
  nowMs: number,
): NodeStatus {
  const { machine, pressures, images, port } = report;
  const quantities = nodeQuantities(machine, report.podsMax);
  const said = sufficientConditions.map(
    (usual) => pressures.find(({ type }) => type === usual.type) ?? usual,
  );
  return {
    addresses: [
      { type: 'InternalIP', address: report.address },
      { type: 'Hostname', address: machine.hostName },
    ],
    capacity: quantities,
    allocatable: quantities,
    conditions: postedConditions(node, [...said, readyCondition(report.verdict)], nowMs),
    ...(port === undefined ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: port } } }),
    ...(images.length === 0 ? {} : { images: images.slice(0, imagesMax) }),
    nodeInfo: {
      ...machine.info,
      containerRuntimeVersion: report.runtimeVersion,
      kubeletVersion,
      kubeProxyVersion: '',
    },
  };
}

/** How much a node has for pods, by resource. */
export function nodeQuantities(machine: Machine, podsMax: number): Record<string, string> {
  return {
    cpu: String(machine.cpuCount),
    'ephemeral-storage': kibibytes(machine.storageBytes),
    memory: kibibytes(machine.memoryBytes),
    pods: String(podsMax),
  };
}

/** As the API keeps it, so that what was posted is known again. */
function kibibytes(bytes: number): string {
  const text = `${Math.floor(bytes / 1024)}Ki`;
  return canonicalQuantity(text) ?? text;
}
