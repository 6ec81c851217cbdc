import {
  type DeepReadonly,
  type KubernetesObject,
  type LabelSelector,
  labelsOf,
  matchesLabelSelector,
} from '@fairway/protocol';
import { type Informer, isBeingDeleted, keyOf } from '@fairway/reconcile';
import { namespaceIndex } from './shared-informer.ts';

/** The keys of the owners that would take an object that nobody controls: those that select it. */
export function takersOf<Owner extends KubernetesObject>(
  owners: Informer<Owner>,
  selectorOf: (owner: DeepReadonly<Owner>) => LabelSelector,
): (orphan: DeepReadonly<KubernetesObject>) => readonly string[] {
  return (orphan) =>
    owners
      .by(namespaceIndex, orphan.metadata?.namespace ?? '')
      .filter(
        (owner) =>
          !isBeingDeleted(owner) && matchesLabelSelector(selectorOf(owner), labelsOf(orphan)),
      )
      .map(keyOf);
}
