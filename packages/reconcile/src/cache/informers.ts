import type { Client, Form, InForm, SelectOptions } from '@fairway/client';
import type { Logger } from '@fairway/host';
import { type KubernetesObject, type ResourceDescriptor, apiVersionOf } from '@fairway/protocol';
import { type CacheOptions, type Informer, createInformer } from './informer.ts';

/** Informers that are shared by all who follow the same objects in the same way. */
export interface Informers {
  /**
   * The informer of a collection; made with the first request for it. Two share one when the kind,
   * the namespace, the selectors, the form and the `keep` function are the same.
   */
  of<
    T extends KubernetesObject,
    F extends Exclude<Form, 'table'> = 'object',
    Kept extends KubernetesObject = InForm<T, F>,
  >(
    kind: ResourceDescriptor<T>,
    options?: CacheOptions<InForm<T, F>, Kept> & { readonly as?: F },
  ): Informer<Kept>;
  /** Resolves when every informer so far has everything that existed. */
  synced(): Promise<void>;
}

/** Makes informers that run until the signal aborts. */
export function createInformers(options: {
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}): Informers {
  const { client, ...run } = options;
  const running = new Map<string, Map<unknown, Informer<KubernetesObject>>>();
  const of = (
    kind: ResourceDescriptor,
    cache: CacheOptions<KubernetesObject> & { readonly as?: Exclude<Form, 'table'> } = {},
  ): Informer<KubernetesObject> => {
    const collection = collectionKey(client, kind, cache);
    const alike = running.get(collection) ?? new Map<unknown, Informer<KubernetesObject>>();
    running.set(collection, alike);
    const known = alike.get(cache.keep);
    if (known !== undefined) {
      for (const [name, by] of Object.entries(cache.index ?? {})) known.addIndex(name, by);
      return known;
    }
    const informer = createInformer(client, kind, { ...cache, ...run });
    alike.set(cache.keep, informer as Informer<KubernetesObject>);
    // Whoever runs again after one has failed gets another one.
    informer.ended.catch(() => alike.delete(cache.keep));
    return informer as Informer<KubernetesObject>;
  };
  const all = (): Informer<KubernetesObject>[] =>
    [...running.values()].flatMap((alike) => [...alike.values()]);
  return {
    of: of as unknown as Informers['of'],
    synced: async () => void (await Promise.all(all().map((informer) => informer.synced))),
  };
}

function collectionKey(
  client: Client,
  kind: ResourceDescriptor,
  options: SelectOptions & { readonly as?: Form },
): string {
  const { allNamespaces = false, namespace, labelSelector = '', fieldSelector = '' } = options;
  const where = kind.isNamespaced && !allNamespaces ? (namespace ?? client.namespace) : '';
  const form = options.as ?? 'object';
  return JSON.stringify([
    apiVersionOf(kind),
    kind.plural,
    where,
    labelSelector,
    fieldSelector,
    form,
  ]);
}
