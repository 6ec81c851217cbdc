import { isDeepStrictEqual } from 'node:util';
import { Namespace, Pod } from '@fairway/kinds/core/v1';
import { NetworkPolicy } from '@fairway/kinds/networking/v1';
import {
  type Change,
  type Informer,
  type Informers,
  type ReconcileSource,
  formatKey,
  informerSource,
  leanInformer,
} from '@fairway/reconcile';
import { type KeptTable, tableKey } from '../nftables/keep-table.ts';
import type { Ruleset } from '../nftables/ruleset.ts';
import { policyPlan } from './policy-plan.ts';
import { type PolicyPod, policyPodOf } from './policy-pod.ts';
import { policyFrame, policyRuleset } from './policy-ruleset.ts';
import type { KnowsPod, StartingPods } from './starting-pods.ts';

/** Pods change all the time: what happens within this time is one change of the rules. */
const podsDelayMs = 20;

/** Of its own, so that rules of services that fail leave policies alone, and the other way around. */
export function policyTableName(tableName: string): string {
  return `${tableName}-policies`;
}

/** The table that holds the network policies of a cluster, on one node. */
export function policyTable(
  informers: Informers,
  of: {
    readonly tableName: string;
    readonly nodeName: string;
    readonly starting: StartingPods;
  },
): KeptTable {
  const { nodeName, starting } = of;
  const policies = leanInformer(informers, NetworkPolicy);
  const namespaces = leanInformer(informers, Namespace);
  const pods = leanInformer(informers, Pod);
  let knows: KnowsPod = () => false;
  starting.noteRules(knows);
  function wanted(): Ruleset {
    const known = policies.size === 0 ? [] : starting.among(podsIn(pods));
    knows = policies.size === 0 ? () => true : knownAs(known);
    const labelsOf = (name: string) => namespaces.get(name)?.metadata?.labels;
    const inOrder = [...policies.keys()].toSorted().flatMap((key) => policies.get(key) ?? []);
    return policyRuleset(policyPlan(inOrder, { nodeName, pods: known, labelsOf }));
  }
  return {
    table: { name: of.tableName, frame: policyFrame },
    about: 'network policies',
    sources: [
      informerSource(policies, () => [tableKey]),
      informerSource(namespaces, (change) => (isOfLabels(change) ? [tableKey] : [])),
      podSource(pods, (change) => {
        starting.noteChange(change);
        return policies.size > 0 && isOfPolicyPod(change);
      }),
      starting.source,
    ],
    wanted,
    onApplied: () => starting.noteRules(knows),
  };
}

function podSource(
  pods: Informer<Pod>,
  isChange: (change: Change<Pod>) => boolean,
): ReconcileSource {
  return {
    ...informerSource(pods, () => []),
    start: (enqueue) =>
      pods.subscribe((change) => {
        if (isChange(change)) enqueue(tableKey, podsDelayMs);
      }),
  };
}

function podsIn(pods: Informer<Pod>): readonly PolicyPod[] {
  return [...pods.keys()].toSorted().flatMap((key) => {
    const pod = pods.get(key);
    return (pod && policyPodOf(pod)) ?? [];
  });
}

function knownAs(pods: readonly PolicyPod[]): KnowsPod {
  const byKey = new Map(pods.map((pod) => [formatKey(pod), pod.addresses]));
  return (pod) => isDeepStrictEqual(byKey.get(formatKey(pod)), pod.addresses);
}

function isOfLabels({ type, object, old }: Change<Namespace>): boolean {
  return type !== 'updated' || !isDeepStrictEqual(object.metadata?.labels, old?.metadata?.labels);
}

function isOfPolicyPod({ type, object, old }: Change<Pod>): boolean {
  const now = policyPodOf(object);
  if (type !== 'updated' || old === undefined) return now !== undefined;
  return !isDeepStrictEqual(now, policyPodOf(old));
}
