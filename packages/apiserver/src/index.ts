export type { AuthenticationOptions } from './authentication.ts';
export type { ApiServerOptions } from './api-server-options.ts';
export { type ApiServer, createApiServer } from './create-api-server.ts';
export {
  type AdmissionConfigurations,
  readAdmissionConfiguration,
} from './admission/configurations/read-configurations.ts';
export { type AdmissionChoice, checkAdmissionChoice } from './admission/admission-choice.ts';
export { type ServedApis, readRuntimeConfig } from './registry/runtime-config.ts';
export type { AggregatedApi, AggregatedResource } from './registry/aggregated-api.ts';
export type { RbacObject } from './bootstrap/rbac-objects.ts';
export type { AuthorizerChoice } from './server-authorization.ts';
export type { RequestBounds } from './server-fairness.ts';
export type { ServiceAccountTokenSettings } from './service-account-access.ts';
export { stampResourceVersion } from './storage/object-bytes.ts';
export { firstServiceAddress, parseAddressRange } from './allocators/address-range.ts';
export { type GivenAddresses, readGivenAddresses } from './allocators/given-addresses.ts';
export type {
  BackendEndpoint,
  BackendPod,
  Dial,
  ExtensionEndpoint,
  KubeletEndpoint,
  WebhookEndpoint,
} from './calls/dial.ts';
export type { AuditOptions } from './audit/auditor.ts';
export type { AuditBackend, LostEvents } from './audit/audit-backend.ts';
export type { BatchOptions } from './audit/batched-events.ts';
export { tokenNames } from './service-account-access.ts';
