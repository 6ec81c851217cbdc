export { claimsEnvironment, userEnvironment, accessReviewEnvironment } from './contexts/access.ts';
export { AdmissionEnvironments, type AdmissionScope, variableType } from './contexts/admission.ts';
export { type CompiledAs, compileAs } from './contexts/compile-as.ts';
export { deviceEnvironment, deviceSelectorCostMax, deviceSizeAt } from './contexts/devices.ts';
export type { Estimate } from './cost/estimates.ts';
export type { SizeAt, ValuePath } from './cost/known-sizes.ts';
export {
  type Compilation,
  Environment,
  type EnvironmentOptions,
  type Evaluation,
  type EvaluationBounds,
  Program,
} from './environment.ts';
export { kubernetesEnvironment } from './kubernetes.ts';
export {
  type AuthorizationCheck,
  type AuthorizationDecision,
  type DecideCheck,
  authorizerValue,
  requestResourceValue,
} from './libraries/kubernetes/authorizer.ts';
export { jsonPatchType, patchedObjectType } from './libraries/kubernetes/mutations.ts';
export { costPerBudgetMax, costPerCallMax } from './limits.ts';
export { type SchemaType, schemaType, sizeAtPath } from './schema-type.ts';
export {
  type Type,
  boolType,
  listType,
  nullType,
  optionalType,
  stringType,
  typeText,
} from './type.ts';
export { jsonOf } from './values/json-of.ts';
export { LazyMap } from './values/lazy-map.ts';
export { ObjectValue } from './values/object-value.ts';
export { Optional, none } from './values/optional.ts';
export { typeNameProblems } from './values/type-name-problems.ts';
export {
  Failure,
  type PlainMap,
  type Result,
  type Value,
  elementsOf,
  isList,
} from './values/value.ts';
export { CostExceeded, matchStepsMax } from './values/work.ts';
