import { isAlreadyExists, isNotFound } from '@fairway/client';
import { ConfigMap, Namespace } from '@fairway/kinds/core/v1';
import {
  type Controller,
  formatKey,
  informerSource,
  isBeingDeleted,
  runReconcileLoop,
} from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';
import { isNamespaceGone } from '../is-namespace-gone.ts';

const name = 'kube-root-ca.crt';
const descriptionKey = 'kubernetes.io/description';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Keeps a ConfigMap with the authority's certificate in every namespace, for pods to trust. */
export function rootCa(parts: ControllerParts): Controller {
  const { client, informers, logger, authorityCertificate } = parts;
  const wanted = { 'ca.crt': authorityCertificate };
  return { run };

  async function run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const namespaces = informers.of(Namespace, { as: 'metadata' });
    const maps = informers.of(ConfigMap, {
      allNamespaces: true,
      fieldSelector: `metadata.name=${name}`,
      keep: shareData,
    });
    const { clock, random } = client;
    await runReconcileLoop(
      {
        name: 'root-ca',
        clock,
        random,
        logger,
        concurrency: 4,
        sources: [
          informerSource(namespaces, ({ object }) => [object.metadata.name ?? '']),
          informerSource(maps, ({ object }) => [object.metadata?.namespace ?? '']),
        ],
        reconcile: (namespace, stop) => reconcile(namespace, stop),
      },
      signal,
    );

    async function reconcile(namespace: string, stop: AbortSignal): Promise<void> {
      const found = namespaces.get(namespace);
      if (found === undefined || isBeingDeleted(found)) return;
      const current = maps.get(formatKey({ namespace, name }));
      if (current !== undefined && isCurrent(current)) return;
      try {
        if (current === undefined)
          await client.create(ConfigMap, made(namespace), { signal: stop });
        else await client.replace(ConfigMap, corrected(current), { signal: stop });
      } catch (error) {
        // What was replaced is gone: its end is on its way here, and asks for a new one.
        if (!isAlreadyExists(error) && !isNamespaceGone(error) && !isNotFound(error)) throw error;
      }
    }
  }

  // One certificate in memory, and not one a namespace.
  function shareData(map: ConfigMap): ConfigMap {
    return hasWantedData(map) ? { ...map, data: wanted } : map;
  }

  function isCurrent(map: ConfigMap): boolean {
    return hasWantedData(map) && map.metadata?.annotations?.[descriptionKey] !== undefined;
  }

  function hasWantedData({ data = {}, binaryData = {} }: ConfigMap): boolean {
    const isOnly = Object.keys(data).length === 1 && Object.keys(binaryData).length === 0;
    return isOnly && data['ca.crt'] === authorityCertificate;
  }

  function made(namespace: string): ConfigMap {
    const annotations = { [descriptionKey]: description };
    return { metadata: { name, namespace, annotations }, data: wanted };
  }

  function corrected({ binaryData: _, ...map }: ConfigMap): ConfigMap {
    const annotations = { ...map.metadata?.annotations, [descriptionKey]: description };
    return { ...map, metadata: { ...map.metadata, annotations }, data: wanted };
  }
}
