import type { Client } from '@fairway/client';
import { Namespace, Node, Pod, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { NetworkPolicy } from '@fairway/kinds/networking/v1';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { keyOf } from '@fairway/reconcile';
import type { Ruleset } from './nftables/ruleset.ts';
import { fullScript } from './nftables/table-script.ts';
import { policyPlan } from './policies/policy-plan.ts';
import { policyPodOf } from './policies/policy-pod.ts';
import { policyFrame, policyRuleset } from './policies/policy-ruleset.ts';
import { policyTableName } from './policies/policy-table.ts';
import { zoneOf } from './service-rules/near-endpoints.ts';
import { type ServiceRanges, serviceFrame } from './service-rules/service-frame.ts';
import { type ServingNode, servicePorts } from './service-rules/service-port.ts';
import { serviceRuleset } from './service-rules/service-ruleset.ts';
import { serviceKeyOf } from './service-slices.ts';

/** The node whose rules are meant, and which addresses its cluster has. */
export interface RulesPlace extends ServiceRanges {
  readonly node: Pick<ServingNode, 'name' | 'addresses'>;
  readonly tableName: string;
}

/**
 * The rules of services and of network policies that a node would have now, as it would give them to nftables.
 *
 * Errors: what the API answers.
 */
export async function rulesText(
  client: Client,
  place: RulesPlace,
  signal: AbortSignal,
): Promise<string> {
  const all = async <T extends KubernetesObject>(kind: ResourceDescriptor<T>) => {
    const { items } = await client.list(kind, { allNamespaces: true, signal }).all();
    return items.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  };
  const { tableName, node } = place;
  const services = { name: tableName, frame: serviceFrame(place) };
  const policies = { name: policyTableName(tableName), frame: policyFrame };
  return [
    fullScript(services, await serviceRules(all, node)),
    fullScript(policies, await policyRules(all, node)),
  ].join('\n');
}

type ListAll = <T extends KubernetesObject>(kind: ResourceDescriptor<T>) => Promise<readonly T[]>;

async function serviceRules(
  all: ListAll,
  { name, addresses }: RulesPlace['node'],
): Promise<Ruleset> {
  const [services, slices, nodes] = await Promise.all([
    all(Service),
    all(EndpointSlice),
    all(Node),
  ]);
  const zone = zoneOf(nodes.find(({ metadata }) => metadata?.name === name));
  const node = { name, addresses, zone };
  const byService = Map.groupBy(slices, serviceKeyOf);
  return serviceRuleset(
    services.flatMap((each) => servicePorts(each, byService.get(keyOf(each)) ?? [], node)),
  );
}

async function policyRules(all: ListAll, node: RulesPlace['node']): Promise<Ruleset> {
  const [policies, pods, namespaces] = await Promise.all([
    all(NetworkPolicy),
    all(Pod),
    all(Namespace),
  ]);
  const labels = new Map(
    namespaces.map(({ metadata }) => [metadata?.name, metadata?.labels ?? {}]),
  );
  return policyRuleset(
    policyPlan(policies, {
      nodeName: node.name,
      pods: pods.flatMap((each) => policyPodOf(each) ?? []),
      labelsOf: (namespace) => labels.get(namespace),
    }),
  );
}
