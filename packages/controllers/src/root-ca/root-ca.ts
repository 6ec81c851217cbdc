import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '@fairway/client';
import { ConfigMap, Namespace } from '@fairway/kinds/core/v1';
import { type Controller, formatKey, isBeingDeleted } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';

const mapName = 'kube-root-ca.crt';
const descriptionKey = 'kubernetes.io/description';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Keeps a ConfigMap with the certificates by which the API server is known in every namespace, for pods to trust. */
export function rootCa(parts: ControllerParts): Controller {
  const { client, informers, rootCertificates } = parts;
  const wanted = { 'ca.crt': rootCertificates };
  const mapsOfThatName = {
    fieldSelector: `metadata.name=${mapName}`,
    keep: shareData,
  } as const;
  const maps = informers.of(ConfigMap, { allNamespaces: true, ...mapsOfThatName });
  return sharedController(parts, Namespace, {
    as: 'metadata',
    concurrency: 4,
    watches: [
      {
        kind: ConfigMap,
        ...mapsOfThatName,
        keysOf: ({ object }) => [object.metadata?.namespace ?? ''],
      },
    ],
    async reconcile({ name: namespace, object, signal }) {
      if (object === undefined || isBeingDeleted(object)) return;
      const current = maps.get(formatKey({ namespace, name: mapName }));
      if (current !== undefined && isCurrent(current)) return;
      try {
        if (current === undefined) await client.create(ConfigMap, made(namespace), { signal });
        else await client.replace(ConfigMap, corrected(current), { signal });
      } catch (error) {
        // A config map that was deleted meanwhile: the event of that will queue its namespace again.
        const isOver = isNotFound(error) || isNamespaceTerminating(error);
        if (!isAlreadyExists(error) && !isOver) throw error;
      }
    },
  });

  // One certificate in memory, and not one a namespace.
  function shareData(map: ConfigMap): ConfigMap {
    return hasWantedData(map) ? { ...map, data: wanted } : map;
  }

  function isCurrent(map: ConfigMap): boolean {
    return hasWantedData(map) && map.metadata?.annotations?.[descriptionKey] !== undefined;
  }

  function hasWantedData({ data = {}, binaryData = {} }: ConfigMap): boolean {
    const isOnly = Object.keys(data).length === 1 && Object.keys(binaryData).length === 0;
    return isOnly && data['ca.crt'] === rootCertificates;
  }

  function made(namespace: string): ConfigMap {
    const annotations = { [descriptionKey]: description };
    return { metadata: { name: mapName, namespace, annotations }, data: wanted };
  }

  function corrected({ binaryData: _, ...map }: ConfigMap): ConfigMap {
    const annotations = { ...map.metadata?.annotations, [descriptionKey]: description };
    return { ...map, metadata: { ...map.metadata, annotations }, data: wanted };
  }
}
