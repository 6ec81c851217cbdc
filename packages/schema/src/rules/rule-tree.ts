import {
  type Compilation,
  type Environment,
  type SchemaType,
  kubernetesEnvironment,
  optionalType,
  schemaType,
} from '@fairway/cel';
import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import type { Schema } from '@fairway/protocol';
import { hasRules } from '../structural/has-rules.ts';
import { structuralSchema } from '../structural/structural-schema.ts';
import { Effort, type Walk } from '../walk.ts';
import { type ValidationRule, rulesOf } from './validation-rule.ts';

/** A rule and what came of it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly compiled: Compilation;
  /** Of its `messageExpression`. */
  readonly message: Compilation | undefined;
  /** It compares with what was there before. */
  readonly usesOldSelf: boolean;
}

/** A part of a schema that has rules, or has one within. */
export interface RuleNode {
  readonly schema: OpenApiSchema;
  readonly type: SchemaType;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly items: RuleNode | undefined;
  readonly values: RuleNode | undefined;
}

/** For each schema within the schema. */
const stepsOfSchema = 100;
/** For each character of an expression, and for each of its parts. */
const stepsOfCharacter = 50;
const stepsOfNode = 300;

/** All that rules may know of metadata, at the root and of embedded objects. */
const metadataOfRules: Schema = {
  type: 'object',
  properties: new Map([
    ['name', { type: 'string' }],
    ['generateName', { type: 'string' }],
  ]),
};

/**
 * Compiles the rules of a schema as its author wrote it; undefined when it has none. A rule that cannot
 * be compiled is among them, with the reason.
 */
export function* compileRules(
  source: OpenApiSchema,
  effort: Effort = new Effort(Infinity),
): Walk<RuleNode | undefined> {
  if (!hasRules(source)) return undefined;
  const root = schemaType(structuralSchema(source, metadataOfRules), 'selfType');
  return root && (yield* compileNode(source, root, { effort, base: kubernetesEnvironment() }));
}

interface CompileContext {
  readonly effort: Effort;
  /** What all rules of the schema may use; patterns are kept with it. */
  readonly base: Environment;
}

function* compileNode(
  schema: OpenApiSchema,
  type: SchemaType | undefined,
  context: CompileContext,
): Walk<RuleNode | undefined> {
  const { effort, base } = context;
  if (type === undefined || effort.isSpent) return undefined;
  effort.add(stepsOfSchema);
  if (effort.isPauseDue()) yield;
  const rules: CompiledRule[] = [];
  for (const rule of rulesOf(schema)) {
    effort.add(stepsOfCharacter * (rule.rule.length + (rule.messageExpression?.length ?? 0) + 1));
    if (effort.isPauseDue()) yield;
    if (rule.rule.trim() === '') continue;
    const compiled = compileRule(rule, type, base);
    effort.add(stepsOfNode * (compiled.compiled.nodes + (compiled.message?.nodes ?? 0)));
    rules.push(compiled);
  }
  const properties = new Map<string, RuleNode>();
  for (const [key, child] of Object.entries(
    isOpenApiSchema(schema.properties) ? schema.properties : {},
  )) {
    if (!isOpenApiSchema(child)) continue;
    const node = yield* compileNode(child, type.properties?.get(key), context);
    if (node !== undefined) properties.set(key, node);
  }
  const { items: item, additionalProperties: value } = schema;
  const items = isOpenApiSchema(item) ? yield* compileNode(item, type.items, context) : undefined;
  const values = isOpenApiSchema(value)
    ? yield* compileNode(value, type.values, context)
    : undefined;
  const hasNone = rules.length === 0 && properties.size === 0;
  if (hasNone && items === undefined && values === undefined) return undefined;
  return { schema, type, rules, properties, items, values };
}

function compileRule(rule: ValidationRule, { type }: SchemaType, base: Environment): CompiledRule {
  const oldSelf = rule.optionalOldSelf === true ? optionalType(type) : type;
  const environment = base.withVariables({ self: type, oldSelf });
  const compiled = environment.compile(rule.rule);
  const { messageExpression = '' } = rule;
  return {
    rule,
    compiled,
    message: messageExpression.trim() === '' ? undefined : environment.compile(messageExpression),
    usesOldSelf: compiled.kind === 'compiled' && compiled.program.uses('oldSelf'),
  };
}
