/** Kubeconfig files and the pod's service account, for programs that show or change them. */
export type { ClusterHost } from './kubeconfig/cluster-host.ts';
export {
  findCluster,
  type FindClusterOptions,
  inClusterTarget,
  targetFromKubeconfig,
} from './target/find-cluster.ts';
export { chooseProxy } from './transport/choose-proxy.ts';
export { findKubeconfig, type KubeconfigLocation } from './kubeconfig/find-kubeconfig.ts';
export { loadKubeconfig, parseKubeconfig } from './kubeconfig/load-kubeconfig.ts';
export {
  type Entry,
  type Kubeconfig,
  type LoadedFile,
  mergeKubeconfigs,
} from './kubeconfig/merge-kubeconfigs.ts';
export type {
  AuthProviderStanza,
  ClusterStanza,
  ContextStanza,
  ExecStanza,
  UserStanza,
} from './kubeconfig/kubeconfig-schema.ts';
export {
  KubeconfigError,
  type KubeconfigIssue,
  type KubeconfigProblem,
} from './kubeconfig/kubeconfig-error.ts';
export {
  type ClusterOverrides,
  type Selection,
  selectContext,
  stripNamespacePrefix,
} from './kubeconfig/select-context.ts';
export {
  defaultServiceAccountDirectory,
  isInCluster,
  serviceAccountVariable,
} from './kubeconfig/in-cluster.ts';
export { parseRequestTimeout } from './kubeconfig/parse-request-timeout.ts';
export {
  flattenKubeconfig,
  minifyKubeconfig,
  viewKubeconfig,
} from './kubeconfig/view-kubeconfig.ts';
export {
  editKubeconfig,
  type EditOutcome,
  type EditResult,
  type KubeconfigEdit,
} from './kubeconfig/edit-kubeconfig.ts';
export type { EditedFields, KubeconfigSection } from './kubeconfig/edited-fields.ts';
export { propertyEdit } from './kubeconfig/property-edit.ts';
export type {
  FetchJson,
  FetchJsonRequest,
  FetchJsonResponse,
} from './credentials/oidc-auth-provider.ts';
