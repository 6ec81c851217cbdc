import type { KubernetesObject } from '@fairway/protocol';

/** An object reduced to its metadata. Source: meta/v1 PartialObjectMetadata. */
export function partialMetadata(
  object: KubernetesObject,
  metaVersion: 'v1' | 'v1beta1',
): KubernetesObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata ?? {},
  };
}
