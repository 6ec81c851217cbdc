// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { PersistentVolumeSpec, TopologySelectorTerm } from '../core/v1.ts';
import type { LabelSelector, ListMeta, ObjectMeta, Quantity, Time } from '../meta/v1.ts';
export interface CSIDriver {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: CSIDriverSpec;
}
export interface CSIDriverList {
  readonly apiVersion?: string;
  readonly items: readonly CSIDriver[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface CSIDriverSpec {
  readonly attachRequired?: boolean;
  readonly fsGroupPolicy?: string;
  readonly nodeAllocatableUpdatePeriodSeconds?: number;
  readonly podInfoOnMount?: boolean;
  readonly preventPodSchedulingIfMissing?: boolean;
  readonly requiresRepublish?: boolean;
  readonly seLinuxMount?: boolean;
  readonly serviceAccountTokenInSecrets?: boolean;
  readonly storageCapacity?: boolean;
  readonly tokenRequests?: readonly TokenRequest[];
  readonly volumeLifecycleModes?: readonly string[];
}
export interface CSINode {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: CSINodeSpec;
}
export interface CSINodeDriver {
  readonly allocatable?: VolumeNodeResources;
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys?: readonly string[];
}
export interface CSINodeList {
  readonly apiVersion?: string;
  readonly items: readonly CSINode[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface CSINodeSpec {
  readonly drivers: readonly CSINodeDriver[];
}
export interface CSIStorageCapacity {
  readonly apiVersion?: string;
  readonly capacity?: Quantity;
  readonly kind?: string;
  readonly maximumVolumeSize?: Quantity;
  readonly metadata?: ObjectMeta;
  readonly nodeTopology?: LabelSelector;
  readonly storageClassName: string;
}
export interface CSIStorageCapacityList {
  readonly apiVersion?: string;
  readonly items: readonly CSIStorageCapacity[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface StorageClass {
  readonly allowVolumeExpansion?: boolean;
  readonly allowedTopologies?: readonly TopologySelectorTerm[];
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly mountOptions?: readonly string[];
  readonly parameters?: { readonly [key: string]: string };
  readonly provisioner: string;
  readonly reclaimPolicy?: 'Delete' | 'Recycle' | 'Retain';
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
}
export interface StorageClassList {
  readonly apiVersion?: string;
  readonly items: readonly StorageClass[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface TokenRequest {
  readonly audience: string;
  readonly expirationSeconds?: number;
}
export interface VolumeAttachment {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: VolumeAttachmentSpec;
  readonly status?: VolumeAttachmentStatus;
}
export interface VolumeAttachmentList {
  readonly apiVersion?: string;
  readonly items: readonly VolumeAttachment[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface VolumeAttachmentSource {
  readonly inlineVolumeSpec?: PersistentVolumeSpec;
  readonly persistentVolumeName?: string;
}
export interface VolumeAttachmentSpec {
  readonly attacher: string;
  readonly nodeName: string;
  readonly source: VolumeAttachmentSource;
}
export interface VolumeAttachmentStatus {
  readonly attachError?: VolumeError;
  readonly attached: boolean;
  readonly attachmentMetadata?: { readonly [key: string]: string };
  readonly detachError?: VolumeError;
}
export interface VolumeAttributesClass {
  readonly apiVersion?: string;
  readonly driverName: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly parameters?: { readonly [key: string]: string };
}
export interface VolumeAttributesClassList {
  readonly apiVersion?: string;
  readonly items: readonly VolumeAttributesClass[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface VolumeError {
  readonly errorCode?: number;
  readonly message?: string;
  readonly time?: Time;
}
export interface VolumeNodeResources {
  readonly count?: number;
}
export const CSIDriver: ResourceDescriptor<CSIDriver> = { group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', plural: 'csidrivers', isNamespaced: false };
export const CSINode: ResourceDescriptor<CSINode> = { group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', plural: 'csinodes', isNamespaced: false };
export const CSIStorageCapacity: ResourceDescriptor<CSIStorageCapacity> = { group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', isNamespaced: true };
export const StorageClass: ResourceDescriptor<StorageClass> = { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', plural: 'storageclasses', isNamespaced: false };
export const VolumeAttachment: ResourceDescriptor<VolumeAttachment> = { group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', plural: 'volumeattachments', isNamespaced: false };
export const VolumeAttributesClass: ResourceDescriptor<VolumeAttributesClass> = { group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', plural: 'volumeattributesclasses', isNamespaced: false };
