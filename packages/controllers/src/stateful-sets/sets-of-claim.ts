import type { StatefulSet } from '@fairway/kinds/apps/v1';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { type Change, type Informer, inNamespace, keyOf } from '@fairway/reconcile';
import { type AnySet, podNameOf } from './pod-identity.ts';

/** The keys of the sets that a change of a claim concerns: those that would name a claim so. */
export function setsOfClaim(
  sets: Informer<StatefulSet>,
): (change: Change<KubernetesObject>) => readonly string[] {
  return ({ object: claim }) =>
    inNamespace(sets, claim.metadata?.namespace)
      .filter((set) => isClaimOf(set, claim))
      .map(keyOf);
}

function isClaimOf(set: AnySet, claim: DeepReadonly<KubernetesObject>): boolean {
  const name = claim.metadata?.name ?? '';
  const pods = podNameOf(set, 0).slice(0, -1);
  return (set.spec?.volumeClaimTemplates ?? []).some(({ metadata }) => {
    const prefix = `${metadata?.name ?? ''}-${pods}`;
    return name.startsWith(prefix) && /^[0-9]+$/.test(name.slice(prefix.length));
  });
}
