export type {
  CompleteDraft,
  DeepReadonly,
  KubernetesObject,
  ObjectList,
  ObjectMeta,
  ResourceDescriptor,
  Status,
  UpgradeAnswer,
  UpgradeHandler,
} from '@fairway/protocol';
export { ApiError } from '@fairway/protocol';
export { type Client, type ClientOptions, type RawRequest, createClient } from './client.ts';
export { type CustomObject, defineKind } from './define-kind.ts';
export {
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isTimeout,
  isTooLargeResourceVersion,
  isTooManyRequests,
  isUnauthorized,
} from './api-error-guards.ts';
export { isUnavailable } from './is-unavailable.ts';
export { callWithin } from './transport/call-within.ts';
export type { ReflectEvent } from './reflect/reflect-event.ts';
export type { ReflectOptions, Reflection } from './reflect/reflector.ts';
export { ConnectionError, type ConnectionProblem } from './transport/connection-error.ts';
export type {
  ApplyOptions,
  CallOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  Form,
  GetOptions,
  InForm,
  JsonPatchOperation,
  ListOptions,
  ListPageOptions,
  NamespaceOption,
  PartialObjectMetadata,
  Patch,
  RequestOptions,
  SelectOptions,
  Table,
  TableColumn,
  TableOptions,
  TableRow,
  WatchOptions,
  WriteOptions,
} from './resource/call-options.ts';
export type { ApplyPartShape, ApplyShape } from './resource/apply-shape.ts';
export type { QueryValues } from './resource/build-request.ts';
export type { ObjectPages, TablePages } from './resource/list-pages.ts';
export type { Subresource } from './resource/subresource.ts';
export type { EventStream, ObjectEvent } from './resource/watch-connection.ts';
export type { ObjectChange } from './resource/write-resource.ts';
export type { WaitGoal, WaitOptions } from './resource/wait-for.ts';
export {
  type Discovery,
  type DiscoverySurvey,
  type UnknownVersion,
  createDiscovery,
} from './discovery.ts';
export type { DiscoveredResource, DynamicObject } from './discovery-documents.ts';
export { fetchTransport } from './transport/fetch-transport.ts';
export {
  addressesOf,
  type ClientCertificate,
  type ClusterTarget,
  type Credential,
  type Credentials,
  type Impersonation,
  type TrustSource,
  anonymousCredentials,
  bearerCredential,
  unchangingCredentials,
  unchangingTrust,
} from './cluster-target.ts';
export { type ExplicitTarget, explicitTarget } from './explicit-target.ts';
export type { MintedCredential } from './credentials/custom-credentials.ts';
export { ExecPluginError } from './credentials/exec-plugin.ts';
export { OidcError } from './credentials/oidc-auth-provider.ts';
export {
  KubeconfigError,
  type KubeconfigIssue,
  type KubeconfigProblem,
} from './kubeconfig/kubeconfig-error.ts';
export {
  type GivenToken,
  type TokenWish,
  bindPod,
  evictPod,
  requestToken,
} from './resource/pod-calls.ts';
