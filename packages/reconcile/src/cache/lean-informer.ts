import type { InForm, SelectOptions } from '@fairway/client';
import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import type { Informer } from './informer.ts';
import type { Informers } from './informers.ts';
import type { IndexBy } from './object-cache.ts';
import { withoutManagedFields } from './without-managed-fields.ts';

type ObjectForm = 'object' | 'metadata';

/** Which objects of a kind, in which form, and how they are found beside by their namespace. */
export type LeanOptions<F extends ObjectForm> = Pick<
  SelectOptions,
  'namespace' | 'labelSelector' | 'fieldSelector'
> & {
  readonly as?: F;
  readonly index?: Readonly<Record<string, IndexBy<KubernetesObject>>>;
};

/**
 * The objects of a kind without their managed fields, with an index by `namespace`: the one form that all
 * components of a process share. In every namespace unless one is named.
 */
export function leanInformer<T extends KubernetesObject, F extends ObjectForm = 'object'>(
  informers: Informers,
  kind: ResourceDescriptor<T>,
  { index = {}, ...selection }: LeanOptions<F> = {},
): Informer<InForm<T, F>> {
  const cache = {
    ...selection,
    allNamespaces: selection.namespace === undefined,
    keep: withoutManagedFields,
    index: { [namespaceIndex]: byNamespace, ...index },
  };
  return informers.of(kind as ResourceDescriptor, cache) as Informer<never> as Informer<
    InForm<T, F>
  >;
}

/** The objects of a namespace that a lean informer holds. */
export function inNamespace<T extends KubernetesObject>(
  informer: Informer<T>,
  namespace: string | undefined,
): readonly DeepReadonly<T>[] {
  return informer.by(namespaceIndex, namespace ?? '');
}

const namespaceIndex = 'namespace';

function byNamespace({ metadata }: DeepReadonly<KubernetesObject>): string {
  return metadata?.namespace ?? '';
}
