// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { TypedLocalObjectReference } from '../core/v1.ts';
import type { Condition, IntOrString, LabelSelector, ListMeta, ObjectMeta } from '../meta/v1.ts';
export interface HTTPIngressPath {
  readonly backend: IngressBackend;
  readonly path?: string;
  readonly pathType: 'Exact' | 'ImplementationSpecific' | 'Prefix';
}
export interface HTTPIngressRuleValue {
  readonly paths: readonly HTTPIngressPath[];
}
export interface IPAddress {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: IPAddressSpec;
}
export interface IPAddressList {
  readonly apiVersion?: string;
  readonly items: readonly IPAddress[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface IPAddressSpec {
  readonly parentRef: ParentReference;
}
export interface IPBlock {
  readonly cidr: string;
  readonly except?: readonly string[];
}
export interface Ingress {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: IngressSpec;
  readonly status?: IngressStatus;
}
export interface IngressBackend {
  readonly resource?: TypedLocalObjectReference;
  readonly service?: IngressServiceBackend;
}
export interface IngressClass {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: IngressClassSpec;
}
export interface IngressClassList {
  readonly apiVersion?: string;
  readonly items: readonly IngressClass[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface IngressClassParametersReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly scope?: string;
}
export interface IngressClassSpec {
  readonly controller?: string;
  readonly parameters?: IngressClassParametersReference;
}
export interface IngressList {
  readonly apiVersion?: string;
  readonly items: readonly Ingress[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface IngressLoadBalancerIngress {
  readonly hostname?: string;
  readonly ip?: string;
  readonly ports?: readonly IngressPortStatus[];
}
export interface IngressLoadBalancerStatus {
  readonly ingress?: readonly IngressLoadBalancerIngress[];
}
export interface IngressPortStatus {
  readonly error?: string;
  readonly port: number;
  readonly protocol: 'SCTP' | 'TCP' | 'UDP';
}
export interface IngressRule {
  readonly host?: string;
  readonly http?: HTTPIngressRuleValue;
}
export interface IngressServiceBackend {
  readonly name: string;
  readonly port?: ServiceBackendPort;
}
export interface IngressSpec {
  readonly defaultBackend?: IngressBackend;
  readonly ingressClassName?: string;
  readonly rules?: readonly IngressRule[];
  readonly tls?: readonly IngressTLS[];
}
export interface IngressStatus {
  readonly loadBalancer?: IngressLoadBalancerStatus;
}
export interface IngressTLS {
  readonly hosts?: readonly string[];
  readonly secretName?: string;
}
export interface NetworkPolicy {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: NetworkPolicySpec;
}
export interface NetworkPolicyEgressRule {
  readonly ports?: readonly NetworkPolicyPort[];
  readonly to?: readonly NetworkPolicyPeer[];
}
export interface NetworkPolicyIngressRule {
  readonly from?: readonly NetworkPolicyPeer[];
  readonly ports?: readonly NetworkPolicyPort[];
}
export interface NetworkPolicyList {
  readonly apiVersion?: string;
  readonly items: readonly NetworkPolicy[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface NetworkPolicyPeer {
  readonly ipBlock?: IPBlock;
  readonly namespaceSelector?: LabelSelector;
  readonly podSelector?: LabelSelector;
}
export interface NetworkPolicyPort {
  readonly endPort?: number;
  readonly port?: IntOrString;
  readonly protocol?: 'SCTP' | 'TCP' | 'UDP';
}
export interface NetworkPolicySpec {
  readonly egress?: readonly NetworkPolicyEgressRule[];
  readonly ingress?: readonly NetworkPolicyIngressRule[];
  readonly podSelector?: LabelSelector;
  readonly policyTypes?: readonly ('Egress' | 'Ingress')[];
}
export interface ParentReference {
  readonly group?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly resource: string;
}
export interface ServiceBackendPort {
  readonly name?: string;
  readonly number?: number;
}
export interface ServiceCIDR {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: ServiceCIDRSpec;
  readonly status?: ServiceCIDRStatus;
}
export interface ServiceCIDRList {
  readonly apiVersion?: string;
  readonly items: readonly ServiceCIDR[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface ServiceCIDRSpec {
  readonly cidrs?: readonly string[];
}
export interface ServiceCIDRStatus {
  readonly conditions?: readonly Condition[];
}
export const IngressClass: ResourceDescriptor<IngressClass> = { group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', plural: 'ingressclasses', isNamespaced: false };
export const Ingress: ResourceDescriptor<Ingress> = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', plural: 'ingresses', isNamespaced: true };
export const IPAddress: ResourceDescriptor<IPAddress> = { group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', plural: 'ipaddresses', isNamespaced: false };
export const NetworkPolicy: ResourceDescriptor<NetworkPolicy> = { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', plural: 'networkpolicies', isNamespaced: true };
export const ServiceCIDR: ResourceDescriptor<ServiceCIDR> = { group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', plural: 'servicecidrs', isNamespaced: false };
