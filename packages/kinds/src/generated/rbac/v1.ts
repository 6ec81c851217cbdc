// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { LabelSelector, ListMeta, ObjectMeta } from '../meta/v1.ts';
export interface AggregationRule {
  readonly clusterRoleSelectors?: readonly LabelSelector[];
}
export interface ClusterRole {
  readonly aggregationRule?: AggregationRule;
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly rules?: readonly PolicyRule[];
}
export interface ClusterRoleBinding {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}
export interface ClusterRoleBindingList {
  readonly apiVersion?: string;
  readonly items: readonly ClusterRoleBinding[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface ClusterRoleList {
  readonly apiVersion?: string;
  readonly items: readonly ClusterRole[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
}
export interface Role {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly rules?: readonly PolicyRule[];
}
export interface RoleBinding {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}
export interface RoleBindingList {
  readonly apiVersion?: string;
  readonly items: readonly RoleBinding[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface RoleList {
  readonly apiVersion?: string;
  readonly items: readonly Role[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface RoleRef {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}
export interface Subject {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
export const ClusterRoleBinding: ResourceDescriptor<ClusterRoleBinding> = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', isNamespaced: false };
export const ClusterRole: ResourceDescriptor<ClusterRole> = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', plural: 'clusterroles', isNamespaced: false };
export const RoleBinding: ResourceDescriptor<RoleBinding> = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', plural: 'rolebindings', isNamespaced: true };
export const Role: ResourceDescriptor<Role> = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', plural: 'roles', isNamespaced: true };
