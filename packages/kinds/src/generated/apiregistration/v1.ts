// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { ListMeta, ObjectMeta, Time } from '../meta/v1.ts';
export interface APIService {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: APIServiceSpec;
  readonly status?: APIServiceStatus;
}
export interface APIServiceCondition {
  readonly lastTransitionTime?: Time;
  readonly message?: string;
  readonly reason?: string;
  readonly status: string;
  readonly type: string;
}
export interface APIServiceList {
  readonly apiVersion?: string;
  readonly items: readonly APIService[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface APIServiceSpec {
  readonly caBundle?: string;
  readonly group?: string;
  readonly groupPriorityMinimum: number;
  readonly insecureSkipTLSVerify?: boolean;
  readonly service?: ServiceReference;
  readonly version?: string;
  readonly versionPriority: number;
}
export interface APIServiceStatus {
  readonly conditions?: readonly APIServiceCondition[];
}
export interface ServiceReference {
  readonly name?: string;
  readonly namespace?: string;
  readonly port?: number;
}
export const APIService: ResourceDescriptor<APIService> = { group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', plural: 'apiservices', isNamespaced: false };
