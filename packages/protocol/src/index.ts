export {
  type EndingBody,
  type Handler,
  type HttpBody,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  type Peer,
  headerOf,
} from './http-message.ts';
export { emptyHeaders } from './empty-headers.ts';
export { onBodyEnd, onUpgradeEnd } from './on-body-end.ts';
export { type BodyBound, collectBody, startOfBody } from './collect-body.ts';
export { isSafe } from './safe-request.ts';
export { type ProxyName, formatProxyName, parseProxyName } from './proxy-name.ts';
export {
  connectionHeaders,
  endToEndHeaders,
  forwardedFor,
  forwardedHeaders,
} from './forwarded-message.ts';
export { hostPort, plainHost } from './host-port.ts';
export type { ByteStream } from './byte-stream.ts';
export type { UpgradeAnswer, UpgradeHandler } from './upgrade.ts';
export type { UserInfo } from './user-info.ts';
export { type MediaType, negotiateMediaType, parseAccept, parseMediaType } from './media-type.ts';
export type {
  KubernetesObject,
  ListMeta,
  ManagedFieldsEntry,
  ObjectList,
  ObjectMeta,
  OwnerReference,
} from './object-meta.ts';
export {
  type CompleteDraft,
  type DeepReadonly,
  type Draft,
  type MetadataDraft,
  type ObjectDraft,
  annotationsOf,
  labelsOf,
  metadataOf,
} from './draft.ts';
export {
  type GroupVersion,
  type ResourceDescriptor,
  apiVersionOf,
  groupResourceOf,
  groupVersionPath,
} from './resource-descriptor.ts';
export { type PathAddress, type PathResource, formatResourcePath } from './resource-path.ts';
export { type Said, saidObject, saidObjects, saidText, saidTexts } from './said-json.ts';
export type { NonResourceTarget, RequestTarget, ResourceTarget } from './request-target.ts';
export { readBoolean, readInteger, readText } from './query-values.ts';
export { parseRequestTarget } from './parse-request-target.ts';
export { type ListOptions, formatListOptions, parseListOptions } from './list-options.ts';
export {
  type DeleteOptions,
  type PatchOptions,
  type WriteOptions,
  formatWriteOptions,
  parseCreateOptions,
  parseDeleteOptions,
  parsePatchOptions,
  parseUpdateOptions,
} from './write-options.ts';
export { type ContinueToken, formatContinueToken, parseContinueToken } from './continue-token.ts';
export type { LabelRequirement } from './label-requirement.ts';
export {
  type LabelSelector,
  type LabelSelectorObject,
  formatLabelSelector,
  matchesLabelSelector,
  parseLabelSelector,
  parseLabelSelectorObject,
  writtenSelector,
} from './label-selector.ts';
export { type AggregatableRole, type RoleRule, aggregatedRules } from './aggregated-rules.ts';
export {
  type FieldRequirement,
  type FieldSelector,
  formatFieldSelector,
  matchesFieldSelector,
  parseFieldSelector,
} from './field-selector.ts';
export {
  type NameOptions,
  checkConfigMapKey,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelKey,
  checkLabelValue,
  checkPathSegment,
  checkQualifiedName,
  dns1035LabelErrors,
  dnsSubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
  withoutLastDash,
} from './object-name.ts';
export { type WatchEvent, encodeWatchFrame } from './watch-event.ts';
export { type ParsedWatchFrame, parseWatchFrame } from './parse-watch-frame.ts';
export { LineSplitter, LineTooLongError } from './line-splitter.ts';
export {
  type Status,
  type StatusCause,
  type StatusDetails,
  type StatusReason,
  isStatus,
  statusCodes,
} from './status.ts';
export {
  ApiError,
  alreadyExists,
  apiError,
  badRequest,
  conflict,
  failureOf,
  forbidden,
  internalError,
  invalid,
  notFound,
} from './api-error.ts';
export {
  type FieldError,
  duplicate,
  fieldErrorText,
  forbiddenField,
  invalidValue,
  missing,
  required,
  tooLong,
  tooMany,
  unsupported,
  wrongType,
} from './field-error.ts';
export { FieldReader } from './field-reader.ts';
export { ProtobufError, type ProtobufProblem } from './protobuf-error.ts';
export { ProtobufWriter } from './protobuf-writer.ts';
export { type ProtobufField, type ProtobufSchema, ProtobufTable } from './protobuf-table.ts';
export {
  type DecodedProtobuf,
  decodeKubernetesProtobuf,
  decodeProtobufMessage,
  encodeKubernetesProtobuf,
  encodeKubernetesProtobufFrame,
  kubernetesProtobufParts,
  encodeProtobufMessage,
} from './kubernetes-protobuf.ts';
export type { Schema, SchemaConstraints } from './schema.ts';
export { schemaKeywords } from './schema-keywords.ts';
export {
  type JsonArray,
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  copyJson,
  equalsJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
  jsonTypeOf,
  setField,
} from './json-value.ts';
export { longInteger, parseJson, stringifyJson } from './json-text.ts';
export { hasLongNumber } from './long-number.ts';
export { type DecodedJson, decodeJson } from './strict-json.ts';
export { type GoTime, readGoTime } from './go-time.ts';
export { keyOfStep, pointerStep } from './json-pointer.ts';
export { type JsonPatchLimits, type JsonPatchOutcome, applyJsonPatch } from './json-patch.ts';
export {
  type JsonPathNode,
  type JsonPathStep,
  parseJsonPath,
  parseJsonPathTemplate,
} from './json-path-template.ts';
export { evaluateJsonPath } from './json-path-evaluation.ts';
export { JsonPathError } from './json-path-error.ts';
export { applyMergePatch } from './merge-patch.ts';
export { type ThreeWays, threeWayPatch } from './three-way-patch.ts';
export { type StrategicMergeOutcome, applyStrategicMergePatch } from './strategic-merge-patch.ts';
export {
  type Quantity,
  addQuantities,
  checkQuantity,
  compareQuantities,
  formatQuantity,
  canonicalQuantity,
  milliOf,
  negateQuantity,
  parseQuantity,
  wholeOf,
} from './quantity.ts';
export { formatMicroTime, formatTime, parseTime } from './timestamps.ts';
export { generateName, nameSuffix } from './generate-name.ts';
export { formatDuration, humanDuration, parseDuration, parseDurationNanos } from './duration.ts';
export { parseTruthValue } from './truth-value.ts';
export {
  type BootstrapTokenParts,
  bootstrapTokenSecretName,
  bootstrapTokens,
  parseBootstrapToken,
} from './bootstrap-token.ts';
