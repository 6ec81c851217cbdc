import type { Ingress, IngressClass } from '@fairway/kinds/networking/v1';

import { annotationsOf, type ObjectDraft } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { newestDefaultClass } from './newest-default-class.ts';

/** Source: Kubernetes admission, DefaultIngressClass. */
export function defaultIngressClass(cluster: ClusterReader): AdmissionPlugin<Ingress> {
  return {
    name: 'DefaultIngressClass',
    operations: ['CREATE'],
    resources: ['networking.k8s.io/ingresses'],
    async admit({ draft }) {
      if (draft === undefined) return;
      const classes = await cluster.all<IngressClass>('networking.k8s.io', 'ingressclasses');
      admitDefaultIngressClass(draft, { classes });
    },
  };
}

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
