// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { ListMeta, ObjectMeta } from '../meta/v1.ts';
export interface PriorityClass {
  readonly apiVersion?: string;
  readonly description?: string;
  readonly globalDefault?: boolean;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly preemptionPolicy?: 'Never' | 'PreemptLowerPriority';
  readonly value?: number;
}
export interface PriorityClassList {
  readonly apiVersion?: string;
  readonly items: readonly PriorityClass[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export const PriorityClass: ResourceDescriptor<PriorityClass> = { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', plural: 'priorityclasses', isNamespaced: false };
