import { nodeReadiness } from '@fairway/kind-rules/nodes';
import type { Node } from '@fairway/kinds/core/v1';
import { type DeepReadonly, type KubernetesObject, labelsOf } from '@fairway/protocol';
import type { Change } from '@fairway/reconcile';
import { zoneLabel } from './pod-endpoint.ts';

/** Which services have pods on which nodes: an endpoint says where its node is. */
export class ServicesOnNodes {
  readonly #nodes = new Map<string, ReadonlySet<string>>();
  readonly #services = new Map<string, Set<string>>();

  set(serviceKey: string, nodes: ReadonlySet<string>): void {
    const before = this.#nodes.get(serviceKey);
    for (const node of before ?? []) {
      if (nodes.has(node)) continue;
      const services = this.#services.get(node);
      services?.delete(serviceKey);
      if (services?.size === 0) this.#services.delete(node);
    }
    for (const node of nodes) {
      const services = this.#services.get(node) ?? new Set();
      this.#services.set(node, services.add(serviceKey));
    }
    if (nodes.size === 0) this.#nodes.delete(serviceKey);
    else this.#nodes.set(serviceKey, nodes);
  }

  /** The services that a node's coming, going or moving concerns. */
  concernedBy({ type, object, old }: Change<KubernetesObject>): readonly string[] {
    const isMoved = type !== 'updated' || zoneOf(old) !== zoneOf(object);
    return isMoved ? [...(this.#services.get(object.metadata?.name ?? '') ?? [])] : [];
  }
}

function zoneOf(node: KubernetesObject | undefined): string | undefined {
  return node?.metadata?.labels?.[zoneLabel];
}

/** A node's change that changes the CPUs that its zone has. */
export function changesCpuShares({ type, object, old }: Change<KubernetesObject>): boolean {
  return type !== 'updated' || cpuFacts(old) !== cpuFacts(object);
}

function cpuFacts(object: KubernetesObject | undefined): string {
  const node: DeepReadonly<Node> = object ?? {};
  const cpu = node.status?.allocatable?.['cpu'] ?? '';
  return JSON.stringify([labelsOf(node), cpu, nodeReadiness(node) ?? '']);
}
