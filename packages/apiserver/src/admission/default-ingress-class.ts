import type { Ingress, IngressClass } from '@fairway/kinds/networking/v1';

import { annotationsOf, type ObjectDraft } from '@fairway/protocol';
import { newestDefaultClass } from './newest-default-class.ts';

/** Gives a new ingress that names no class the default one, if there is one. */
export function admitDefaultIngressClass(
  ingress: ObjectDraft<Ingress>,
  facts: { readonly classes: readonly IngressClass[] },
): void {
  const isChosen =
    ingress.spec?.ingressClassName !== undefined ||
    annotationsOf(ingress)['kubernetes.io/ingress.class'] !== undefined;
  const annotations = ['ingressclass.kubernetes.io/is-default-class'];
  const name = newestDefaultClass(facts.classes, annotations)?.metadata?.name;
  if (isChosen || name === undefined) return;
  ingress.spec ??= {};
  ingress.spec.ingressClassName = name;
}
