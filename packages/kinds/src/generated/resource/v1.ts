// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { NodeSelector } from '../core/v1.ts';
import type { Condition, ListMeta, ObjectMeta, Quantity, RawExtension, Time } from '../meta/v1.ts';
export interface AllocatedDeviceStatus {
  readonly conditions?: readonly Condition[];
  readonly data?: RawExtension;
  readonly device: string;
  readonly driver: string;
  readonly networkData?: NetworkDeviceData;
  readonly pool: string;
  readonly shareID?: string;
}
export interface AllocationResult {
  readonly allocationTimestamp?: Time;
  readonly devices?: DeviceAllocationResult;
  readonly nodeSelector?: NodeSelector;
}
export interface CELDeviceSelector {
  readonly expression: string;
}
export interface CapacityRequestPolicy {
  readonly default?: Quantity;
  readonly validRange?: CapacityRequestPolicyRange;
  readonly validValues?: readonly Quantity[];
}
export interface CapacityRequestPolicyRange {
  readonly max?: Quantity;
  readonly min: Quantity;
  readonly step?: Quantity;
}
export interface CapacityRequirements {
  readonly requests?: { readonly [key: string]: Quantity };
}
export interface Counter {
  readonly value: Quantity;
}
export interface CounterSet {
  readonly counters: { readonly [key: string]: Counter };
  readonly name: string;
}
export interface Device {
  readonly allNodes?: boolean;
  readonly allowMultipleAllocations?: boolean;
  readonly attributes?: { readonly [key: string]: DeviceAttribute };
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly bindsToNode?: boolean;
  readonly capacity?: { readonly [key: string]: DeviceCapacity };
  readonly consumesCounters?: readonly DeviceCounterConsumption[];
  readonly name: string;
  readonly nodeAllocatableResourceMappings?: { readonly [key: string]: NodeAllocatableResourceMapping };
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly taints?: readonly DeviceTaint[];
}
export interface DeviceAllocationConfiguration {
  readonly opaque?: OpaqueDeviceConfiguration;
  readonly requests?: readonly string[];
  readonly source: 'FromClaim' | 'FromClass';
}
export interface DeviceAllocationResult {
  readonly config?: readonly DeviceAllocationConfiguration[];
  readonly results?: readonly DeviceRequestAllocationResult[];
}
export interface DeviceAttribute {
  readonly bool?: boolean;
  readonly bools?: readonly boolean[];
  readonly int?: number;
  readonly ints?: readonly number[];
  readonly string?: string;
  readonly strings?: readonly string[];
  readonly version?: string;
  readonly versions?: readonly string[];
}
export interface DeviceCapacity {
  readonly requestPolicy?: CapacityRequestPolicy;
  readonly value: Quantity;
}
export interface DeviceClaim {
  readonly config?: readonly DeviceClaimConfiguration[];
  readonly constraints?: readonly DeviceConstraint[];
  readonly requests?: readonly DeviceRequest[];
}
export interface DeviceClaimConfiguration {
  readonly opaque?: OpaqueDeviceConfiguration;
  readonly requests?: readonly string[];
}
export interface DeviceClass {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: DeviceClassSpec;
}
export interface DeviceClassConfiguration {
  readonly opaque?: OpaqueDeviceConfiguration;
}
export interface DeviceClassList {
  readonly apiVersion?: string;
  readonly items: readonly DeviceClass[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface DeviceClassSpec {
  readonly config?: readonly DeviceClassConfiguration[];
  readonly extendedResourceName?: string;
  readonly selectors?: readonly DeviceSelector[];
}
export interface DeviceConstraint {
  readonly distinctAttribute?: string;
  readonly matchAttribute?: string;
  readonly requests?: readonly string[];
}
export interface DeviceCounterConsumption {
  readonly counterSet: string;
  readonly counters: { readonly [key: string]: Counter };
}
export interface DeviceRequest {
  readonly exactly?: ExactDeviceRequest;
  readonly firstAvailable?: readonly DeviceSubRequest[];
  readonly name: string;
}
export interface DeviceRequestAllocationResult {
  readonly adminAccess?: boolean;
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly consumedCapacity?: { readonly [key: string]: Quantity };
  readonly device: string;
  readonly driver: string;
  readonly pool: string;
  readonly request: string;
  readonly shareID?: string;
  readonly tolerations?: readonly DeviceToleration[];
}
export interface DeviceSelector {
  readonly cel?: CELDeviceSelector;
}
export interface DeviceSubRequest {
  readonly allocationMode?: 'All' | 'ExactCount';
  readonly capacity?: CapacityRequirements;
  readonly count?: number;
  readonly deviceClassName: string;
  readonly name: string;
  readonly selectors?: readonly DeviceSelector[];
  readonly tolerations?: readonly DeviceToleration[];
}
export interface DeviceTaint {
  readonly effect: 'NoExecute' | 'NoSchedule' | 'None';
  readonly key: string;
  readonly timeAdded?: Time;
  readonly value?: string;
}
export interface DeviceToleration {
  readonly effect?: 'NoExecute' | 'NoSchedule' | 'None';
  readonly key?: string;
  readonly operator?: 'Equal' | 'Exists';
  readonly tolerationSeconds?: number;
  readonly value?: string;
}
export interface ExactDeviceRequest {
  readonly adminAccess?: boolean;
  readonly allocationMode?: 'All' | 'ExactCount';
  readonly capacity?: CapacityRequirements;
  readonly count?: number;
  readonly deviceClassName: string;
  readonly selectors?: readonly DeviceSelector[];
  readonly tolerations?: readonly DeviceToleration[];
}
export interface NetworkDeviceData {
  readonly hardwareAddress?: string;
  readonly interfaceName?: string;
  readonly ips?: readonly string[];
}
export interface NodeAllocatableResourceMapping {
  readonly allocationMultiplier?: Quantity;
  readonly capacityKey?: string;
}
export interface OpaqueDeviceConfiguration {
  readonly driver: string;
  readonly parameters: RawExtension;
}
export interface ResourceClaim {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: ResourceClaimSpec;
  readonly status?: ResourceClaimStatus;
}
export interface ResourceClaimConsumerReference {
  readonly apiGroup?: string;
  readonly name: string;
  readonly resource: string;
  readonly uid: string;
}
export interface ResourceClaimList {
  readonly apiVersion?: string;
  readonly items: readonly ResourceClaim[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface ResourceClaimSpec {
  readonly devices?: DeviceClaim;
}
export interface ResourceClaimStatus {
  readonly allocation?: AllocationResult;
  readonly devices?: readonly AllocatedDeviceStatus[];
  readonly reservedFor?: readonly ResourceClaimConsumerReference[];
}
export interface ResourceClaimTemplate {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: ResourceClaimTemplateSpec;
}
export interface ResourceClaimTemplateList {
  readonly apiVersion?: string;
  readonly items: readonly ResourceClaimTemplate[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface ResourceClaimTemplateSpec {
  readonly metadata?: ObjectMeta;
  readonly spec: ResourceClaimSpec;
}
export interface ResourcePool {
  readonly generation: number;
  readonly name: string;
  readonly resourceSliceCount: number;
}
export interface ResourceSlice {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: ResourceSliceSpec;
}
export interface ResourceSliceList {
  readonly apiVersion?: string;
  readonly items: readonly ResourceSlice[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface ResourceSliceSpec {
  readonly allNodes?: boolean;
  readonly devices?: readonly Device[];
  readonly driver: string;
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly perDeviceNodeSelection?: boolean;
  readonly pool: ResourcePool;
  readonly sharedCounters?: readonly CounterSet[];
}
export const DeviceClass: ResourceDescriptor<DeviceClass> = { group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', plural: 'deviceclasses', isNamespaced: false };
export const ResourceClaim: ResourceDescriptor<ResourceClaim> = { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim', plural: 'resourceclaims', isNamespaced: true };
export const ResourceClaimTemplate: ResourceDescriptor<ResourceClaimTemplate> = { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates', isNamespaced: true };
export const ResourceSlice: ResourceDescriptor<ResourceSlice> = { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', plural: 'resourceslices', isNamespaced: false };
