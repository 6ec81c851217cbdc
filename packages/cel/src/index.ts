export type { Estimate } from './cost/estimates.ts';
export type { SizeAt, ValuePath } from './cost/estimate-cost.ts';
export {
  type Compilation,
  Environment,
  type EnvironmentOptions,
  type Evaluation,
  type EvaluationBounds,
  Program,
} from './environment.ts';
export { kubernetesEnvironment } from './kubernetes.ts';
export { costPerBudgetMax, costPerCallMax } from './limits.ts';
export { type SchemaType, schemaType, sizeAtPath } from './schema-type.ts';
export { type Type, optionalType } from './type.ts';
export { Optional, none } from './values/optional.ts';
export { Failure, type Result, type Value } from './values/value.ts';
export { CostExceeded, matchStepsMax } from './values/work.ts';
