import type { Node, Taint } from '@fairway/kinds/core/v1';
import type { MachineInfo } from './machine.ts';

/** How a node registers itself. */
export interface NodeRegistration {
  readonly name: string;
  readonly hostName: string;
  readonly info: Pick<MachineInfo, 'architecture' | 'operatingSystem'>;
  /** Beside those that every node has. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** The labels that every node has. Source: Kubernetes, well-known labels. */
export function nodeLabels({ hostName, info, labels }: NodeRegistration): Record<string, string> {
  const { architecture, operatingSystem } = info;
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': hostName,
    'kubernetes.io/os': operatingSystem,
    ...labels,
  };
}

/** A node as it registers itself. */
export function newNode(registration: NodeRegistration): Node {
  const { name, taints } = registration;
  return {
    metadata: {
      name,
      labels: nodeLabels(registration),
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    ...(taints.length === 0 ? {} : { spec: { taints } }),
  };
}
