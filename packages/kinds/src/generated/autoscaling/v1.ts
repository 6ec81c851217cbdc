// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { ListMeta, ObjectMeta, Time } from '../meta/v1.ts';
export interface CrossVersionObjectReference {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
}
export interface HorizontalPodAutoscaler {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly status?: HorizontalPodAutoscalerStatus;
}
export interface HorizontalPodAutoscalerList {
  readonly apiVersion?: string;
  readonly items: readonly HorizontalPodAutoscaler[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface HorizontalPodAutoscalerSpec {
  readonly maxReplicas: number;
  readonly minReplicas?: number;
  readonly scaleTargetRef: CrossVersionObjectReference;
  readonly targetCPUUtilizationPercentage?: number;
}
export interface HorizontalPodAutoscalerStatus {
  readonly currentCPUUtilizationPercentage?: number;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly lastScaleTime?: Time;
  readonly observedGeneration?: number;
}
export interface Scale {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: ScaleSpec;
  readonly status?: ScaleStatus;
}
export interface ScaleSpec {
  readonly replicas?: number;
}
export interface ScaleStatus {
  readonly replicas: number;
  readonly selector?: string;
}
export const HorizontalPodAutoscaler: ResourceDescriptor<HorizontalPodAutoscaler> = { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', isNamespaced: true };
