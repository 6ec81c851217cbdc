import { type Compilation, type SchemaType, sizeAtPath } from '@fairway/cel';
import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type { Judgement } from '../judgement.ts';
import type { PlacedSchema } from '../structural/placed-schema.ts';
import { definitionJudgement, reported } from '../structural/validate-structural-schema.ts';
import type { Effort, Walk } from '../walk.ts';
import { readFieldPath } from './field-path.ts';
import { type Cardinality, RuleCosts } from './rule-costs.ts';
import { type CompiledRule, type RuleNode, compileRules } from './rule-tree.ts';
import { validateDefaults } from './validate-rules.ts';
import { type ValidationRule, ruleAsGo, rulesOf } from './validation-rule.ts';

const reasons = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];

/** For each schema within the schema. */
const stepsOfSchema = 100;

/**
 * What is wrong with the rules of a structural schema: fields of theirs, expressions that cannot be
 * compiled or would cost too much, and `oldSelf` where nothing old can be found.
 *
 * Source: Kubernetes, apiextensions/validation; the words are those of a recorded server.
 */
export function* validateRuleDefinitions(
  root: PlacedSchema,
  effort?: Effort,
): Walk<readonly FieldError[]> {
  const found = definitionJudgement(effort);
  const tree = yield* compileRules(root.schema, found.effort);
  const costs = new RuleCosts();
  const context = { found, costs, cardinality: 1, uncorrelatable: undefined };
  yield* judgeNode(root, tree, context);
  for (const error of costs.errors(root.path)) found.add(error);
  if (tree !== undefined && found.errors.length === 0) {
    for (const error of yield* validateDefaults(root, tree)) found.add(error);
  }
  return reported(root, found);
}

interface Context {
  readonly found: Judgement;
  readonly costs: RuleCosts;
  readonly cardinality: Cardinality;
  /** The list within which nothing old can be found. */
  readonly uncorrelatable: string | undefined;
}

function* judgeNode(
  { schema, path }: PlacedSchema,
  node: RuleNode | undefined,
  context: Context,
): Walk<void> {
  const { found } = context;
  if (found.isOver) return;
  found.effort.add(stepsOfSchema);
  if (found.effort.isPauseDue()) yield;
  const rules = rulesOf(schema);
  if (rules.length > 0 && !isTyped(schema)) found.add(untypedRules(path));
  rules.forEach((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    for (const error of fieldErrors(rule, at, schema)) found.add(error);
  });
  if (node !== undefined) judgeCompiled(node, path, context);
  const { properties, items, additionalProperties } = schema;
  for (const [name, child] of Object.entries(isOpenApiSchema(properties) ? properties : {})) {
    const place = { schema: child as OpenApiSchema, path: `${path}.properties[${name}]` };
    yield* judgeNode(place, node?.properties.get(name), context);
  }
  if (isOpenApiSchema(additionalProperties)) {
    const cardinality = multiplied(context.cardinality, schema['maxProperties']);
    const place = { schema: additionalProperties, path: `${path}.additionalProperties` };
    yield* judgeNode(place, node?.values, { ...context, cardinality });
  }
  if (isOpenApiSchema(items)) {
    const cardinality = multiplied(context.cardinality, schema['maxItems']);
    const isCorrelatable = schema['x-kubernetes-list-type'] === 'map';
    const uncorrelatable = context.uncorrelatable ?? (isCorrelatable ? undefined : path);
    const place = { schema: items, path: `${path}.items` };
    yield* judgeNode(place, node?.items, { ...context, cardinality, uncorrelatable });
  }
}

/** Rules may look at what has a type, or is an int or a string. */
function isTyped(schema: OpenApiSchema): boolean {
  return typeof schema['type'] === 'string' || schema['x-kubernetes-int-or-string'] === true;
}

function untypedRules(path: string): FieldError {
  const detail =
    'internal error: failed to retrieve type information for x-kubernetes-validations rules';
  return { reason: 'InternalError', field: `${path}.x-kubernetes-validations`, detail };
}

function multiplied(cardinality: Cardinality, countMax: unknown): Cardinality {
  if (cardinality === 'unbounded' || typeof countMax !== 'number') return 'unbounded';
  return cardinality * Math.max(0, countMax);
}

function* fieldErrors(
  rule: ValidationRule,
  at: string,
  schema: OpenApiSchema,
): Generator<FieldError> {
  const { message, messageExpression, reason, fieldPath } = rule;
  if (rule.rule.trim() === '') yield required(`${at}.rule`, 'rule is not specified');
  const lineBreaks = 'must not contain line breaks';
  if (message !== undefined && message !== '') {
    if (message.trim() === '') {
      yield invalidValue(`${at}.message`, message, 'must be non-empty if specified');
    } else if (/[\r\n]/.test(message.trim())) {
      yield invalidValue(`${at}.message`, message, lineBreaks);
    }
  } else if (/[\r\n]/.test(rule.rule.trim())) {
    yield required(`${at}.message`, 'message must be specified if rule contains line breaks');
  }
  if (
    messageExpression !== undefined &&
    messageExpression !== '' &&
    messageExpression.trim() === ''
  ) {
    yield required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified');
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    yield unsupported(`${at}.reason`, reason, reasons);
  }
  if (fieldPath === undefined || fieldPath === '') return;
  if (fieldPath.trim() === '') {
    yield invalidValue(`${at}.fieldPath`, fieldPath, 'must be non-empty if specified');
    return;
  }
  if (/[\r\n]/.test(fieldPath)) yield invalidValue(`${at}.fieldPath`, fieldPath, lineBreaks);
  if (readFieldPath(fieldPath, schema) === undefined) {
    yield invalidValue(`${at}.fieldPath`, fieldPath, 'must be a valid path');
  }
}

function judgeCompiled(node: RuleNode, path: string, context: Context): void {
  const all = rulesOf(node.schema);
  const written = all.flatMap((rule, index) => (rule.rule.trim() === '' ? [] : [index]));
  node.rules.forEach((compiled, index) => {
    const at = `${path}.x-kubernetes-validations[${written[index]}]`;
    for (const error of compilationErrors(compiled, at)) context.found.add(error);
    for (const error of oldSelfErrors(compiled, at, context)) context.found.add(error);
    for (const error of costErrors(compiled, node.type, { at, context })) context.found.add(error);
  });
}

function* compilationErrors(
  { rule, compiled, message }: CompiledRule,
  at: string,
): Generator<FieldError> {
  const wrong = problemOf(compiled, 'bool');
  if (wrong !== undefined) {
    const text =
      compiled.kind === 'refused' ? `compilation failed: ${wrong}` : `cel expression ${wrong}`;
    yield invalidValue(`${at}.rule`, ruleAsGo(rule), text);
  }
  const messageProblem = message && problemOf(message, 'string');
  if (messageProblem === undefined) return;
  const text =
    message?.kind === 'refused'
      ? `messageExpression compilation failed: ${messageProblem}`
      : `messageExpression ${messageProblem}`;
  yield invalidValue(`${at}.messageExpression`, ruleAsGo(rule), text);
}

function problemOf(compiled: Compilation, type: 'bool' | 'string'): string | undefined {
  if (compiled.kind === 'refused') return compiled.problem;
  return compiled.program.type?.kind === type ? undefined : `must evaluate to a ${type}`;
}

function* oldSelfErrors(
  { rule, compiled, usesOldSelf }: CompiledRule,
  at: string,
  { uncorrelatable }: Context,
): Generator<FieldError> {
  if (compiled.kind === 'refused') return;
  if (usesOldSelf && uncorrelatable !== undefined) {
    const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
    yield invalidValue(`${at}.rule`, rule.rule, text);
  }
  if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
    const text = 'may not be set if oldSelf is not used in rule';
    yield invalidValue(`${at}.optionalOldSelf`, rule.optionalOldSelf, text);
  }
}

interface CostPlace {
  readonly at: string;
  readonly context: Context;
}

function* costErrors(
  { compiled, message }: CompiledRule,
  type: SchemaType,
  { at, context }: CostPlace,
): Generator<FieldError> {
  const parts = [
    { compilation: compiled, field: `${at}.rule`, name: 'rule' },
    { compilation: message, field: `${at}.messageExpression`, name: 'messageExpression' },
  ];
  for (const { compilation, field, name } of parts) {
    if (compilation?.kind !== 'compiled') continue;
    // The first step is the name of a variable, or of a type, which as there is not looked at.
    const { max } = compilation.program.estimate(([, ...path]) => {
      const sizeMax = sizeAtPath(type, path);
      return sizeMax === undefined ? undefined : { min: 0, max: sizeMax };
    });
    const problem = context.costs.add(max, { field, cardinality: context.cardinality, type });
    if (problem !== undefined) {
      yield forbiddenField(field, `estimated ${name} cost ${problem}`);
    }
  }
}
