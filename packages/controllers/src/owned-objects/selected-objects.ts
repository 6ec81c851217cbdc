import {
  type DeepReadonly,
  type KubernetesObject,
  type LabelSelector,
  type LabelSelectorObject,
  labelsOf,
  matchesLabelSelector,
  parseLabelSelectorObject,
} from '@fairway/protocol';
import type { Informer } from '@fairway/reconcile';
import { ownedBy } from '../caches/object-indexes.ts';

/** Which objects are an owner's, as its spec says. */
export function selectorOf({
  spec,
}: {
  readonly spec?: { readonly selector?: LabelSelectorObject };
}): LabelSelector {
  return parseLabelSelectorObject(spec?.selector ?? {});
}

/** The objects that are an owner's, as the cache has them now: those that it controls and selects. */
export function selectedBy<T extends KubernetesObject>(
  informer: Informer<T>,
  owner: DeepReadonly<KubernetesObject>,
  selector: LabelSelector,
): readonly DeepReadonly<T>[] {
  return ownedBy(informer, owner).filter((object) =>
    matchesLabelSelector(selector, labelsOf(object)),
  );
}
