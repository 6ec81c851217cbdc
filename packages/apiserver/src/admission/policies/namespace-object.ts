import type { PlainMap } from '@fairway/cel';
import type { KubernetesObject } from '@fairway/protocol';

const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'finalizers',
];

const shown = new WeakMap<KubernetesObject, PlainMap>();

/**
 * What expressions see of a namespace: not who owns it or its fields. Source: Kubernetes,
 * admission/plugin/cel, `CreateNamespaceObject`.
 */
export function namespaceObject(namespace: KubernetesObject): PlainMap {
  const known = shown.get(namespace);
  if (known !== undefined) return known;
  const { metadata = {}, spec, status } = namespace as Readonly<Record<string, PlainMap>>;
  const value: PlainMap = {
    metadata: Object.fromEntries(
      Object.entries(metadata).filter(([key]) => metadataFields.includes(key)),
    ),
    ...(spec && { spec }),
    ...(status && { status }),
  };
  shown.set(namespace, value);
  return value;
}
