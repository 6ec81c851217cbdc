import type { KubernetesObject } from '@fairway/protocol';
import { storedMetadata } from '../storage/object-bytes.ts';

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

/** The same as JSON, of an object as it is stored: without reading what it says. */
export function partialMetadataBytes(
  stored: Uint8Array,
  metaVersion: 'v1' | 'v1beta1',
): Uint8Array {
  const head = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${metaVersion}","metadata":`;
  return Buffer.concat([Buffer.from(head), storedMetadata(stored), endOfObject]);
}

const endOfObject = Buffer.from('}');
