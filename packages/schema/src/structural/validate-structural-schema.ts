import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import {
  type FieldError,
  type JsonValue,
  type Schema,
  copyJson,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import { Judgement, noField } from '../judgement.ts';
import { compileInTurns } from '@fairway/cel/patterns';
import { pruneToSchema } from '../prune.ts';
import { validateValue } from '../validate-value.ts';
import { Effort, type Walk } from '../walk.ts';
import { type PlacedSchema, alternativesOf } from './placed-schema.ts';
import { structuralSchema } from './structural-schema.ts';
import { collectKeywordErrors } from './validate-keywords.ts';
import { listTypeErrors } from './validate-list-type.ts';
import { collectCompletenessErrors, collectNestedErrors } from './validate-nested-schemas.ts';

/** What one validation of a definition may do: a second or two. */
const definitionStepsMax = 200_000_000;
/** The most errors that are reported. */
const schemaErrorsMax = 1_000;
/** For each schema within the schema. */
const stepsOfSchema = 300;
/** For each character of a pattern, which is compiled to see whether it can be. */
const stepsOfPatternCharacter = 150;
/** For each instruction that a pattern becomes. */
const stepsOfInstruction = 50;

/**
 * All that keeps the schema of a custom resource from being structural.
 *
 * Source: Kubernetes documentation, CustomResourceDefinitions, "Specifying a structural schema".
 */
export function* validateStructuralSchema(
  root: PlacedSchema,
  effort?: Effort,
): Walk<readonly FieldError[]> {
  const found = definitionJudgement(effort);
  yield* collectKeywordErrors(root, found);
  if (found.errors.length === 0) {
    yield* judgeSchema(root, 'root', { root, found, linked: new Map() });
    yield* collectCompletenessErrors(root, found);
  }
  return reported(root, found);
}

/** What one validation of a definition may do and report. */
export function definitionJudgement(effort: Effort = new Effort(definitionStepsMax)): Judgement {
  return new Judgement(effort, schemaErrorsMax);
}

/** What was found wrong, and that there is more where not all was looked at. */
export function reported(root: PlacedSchema, found: Judgement): readonly FieldError[] {
  if (!found.isOver) return found.errors;
  const text = found.effort.isSpent
    ? `the schema takes more work to validate than definitionStepsMax (${definitionStepsMax}) allows`
    : `more than schemaErrorsMax (${schemaErrorsMax}) parts are wrong; the rest was not looked at`;
  return [...found.errors, forbiddenField(root.path, text)];
}

type Level = 'root' | 'field' | 'item';

interface Context {
  readonly root: PlacedSchema;
  readonly found: Judgement;
  /** What has been linked to judge defaults, by what it was made of. */
  readonly linked: Map<OpenApiSchema, Schema>;
}

function* judgeSchema(placed: PlacedSchema, level: Level, context: Context): Walk<void> {
  const { schema, path } = placed;
  const { found } = context;
  if (found.isOver) return;
  found.effort.add(stepsOfSchema);
  if (found.effort.isPauseDue()) yield;
  if (schema['$schema'] !== undefined) {
    const text = "OpenAPIV3Schema 'schema' is not supported";
    found.add(invalidValue(context.root.path, '', text));
  }
  addAll(unsupportedKeywords(placed), found);
  yield* judgePatterns(placed, found);
  addAll(typeErrors(placed, level), found);
  addAll(objectFieldErrors(placed, level), found);
  addAll(listTypeErrors(placed), found);
  yield* collectNestedErrors(placed, found);
  yield* judgeDefault(placed, level, context);
  const { items, properties, additionalProperties } = schema;
  if (isOpenApiSchema(items)) {
    yield* judgeSchema({ schema: items, path: `${path}.items` }, 'item', context);
  }
  for (const [name, child] of Object.entries(isOpenApiSchema(properties) ? properties : {})) {
    const place = { schema: child as OpenApiSchema, path: `${path}.properties[${name}]` };
    yield* judgeSchema(place, 'field', context);
  }
  if (isOpenApiSchema(additionalProperties)) {
    const place = { schema: additionalProperties, path: `${path}.additionalProperties` };
    yield* judgeSchema(place, 'field', context);
  }
}

function addAll(errors: readonly FieldError[], found: Judgement): void {
  for (const error of errors) found.add(error);
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const notSupported = [
  '$ref',
  'definitions',
  'dependencies',
  'patternProperties',
  'additionalItems',
  'id',
];

const notWithIntOrString = [
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
];

function unsupportedKeywords({ schema, path }: PlacedSchema): readonly FieldError[] {
  const errors = notSupported
    .filter((keyword) => schema[keyword] !== undefined)
    .map((keyword) => forbiddenField(`${path}.${keyword}`, `${keyword} is not supported`));
  if (schema['x-kubernetes-int-or-string'] === true) {
    const text = 'must be false if x-kubernetes-int-or-string is true';
    for (const keyword of notWithIntOrString) {
      if (schema[keyword] === true) errors.push(invalidValue(`${path}.${keyword}`, true, text));
    }
  }
  if (schema['uniqueItems'] === true) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(`${path}.uniqueItems`, text));
  }
  if (isOpenApiSchema(schema['additionalProperties']) && isOpenApiSchema(schema['properties'])) {
    const text = 'additionalProperties and properties are mutual exclusive';
    if (Object.keys(schema['properties']).length > 0) {
      errors.push(forbiddenField(`${path}.additionalProperties`, text));
    }
  }
  if (Array.isArray(schema['items'])) {
    errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalidValue(field, false, 'must be true or undefined'));
  }
  return errors;
}

/** The pattern of a schema and of its alternatives. */
function* judgePatterns({ schema, path }: PlacedSchema, found: Judgement): Walk<void> {
  const { pattern } = schema;
  if (typeof pattern === 'string') {
    found.effort.add(stepsOfPatternCharacter * pattern.length);
    if (found.effort.isPauseDue()) yield;
    const compiled = yield* compileInTurns(pattern);
    if (compiled.kind === 'malformed') {
      const text = `must be a valid regular expression, but isn't: ${compiled.problem}`;
      found.add(invalidValue(`${path}.pattern`, pattern, text));
    } else found.effort.add(stepsOfInstruction * compiled.pattern.size);
  }
  for (const each of alternativesOf({ schema, path })) {
    if (found.isOver) return;
    yield* judgePatterns(each, found);
  }
}

const missingTypes: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
};

function typeErrors({ schema, path }: PlacedSchema, level: Level): readonly FieldError[] {
  const { type, items } = schema;
  const field = `${path}.type`;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isUntyped =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isEmbedded && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === undefined ? required(field, text) : invalidValue(field, type, text)];
  }
  if (type === undefined || type === '')
    return isUntyped ? [] : [required(field, missingTypes[level])];
  if (type === 'null') {
    const text = 'type cannot be set to null, use nullable as an alternative';
    return [forbiddenField(field, text), unsupported(field, type, types)];
  }
  if (!types.includes(String(type))) return [unsupported(field, type, types)];
  if (level === 'root' && type !== 'object')
    return [invalidValue(field, type, 'must be object at the root')];
  return type === 'array' && items === undefined
    ? [required(`${path}.items`, 'must be specified')]
    : [];
}

/** What every object has, an author may not redefine, save that names can be narrowed. */
function objectFieldErrors({ schema, path }: PlacedSchema, level: Level): readonly FieldError[] {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (level !== 'root' && !isEmbedded) return [];
  const errors: FieldError[] = [];
  const properties = isOpenApiSchema(schema['properties']) ? schema['properties'] : {};
  if (level === 'root' && schema['nullable'] === true) {
    errors.push(forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'));
  }
  if (schema['additionalProperties'] !== undefined) {
    const text = isEmbedded
      ? 'must not be used if x-kubernetes-embedded-resource is set'
      : 'must not be used at the root';
    errors.push(forbiddenField(`${path}.additionalProperties`, text));
  }
  for (const name of ['kind', 'apiVersion']) {
    const child = properties[name];
    if (isOpenApiSchema(child) && child['type'] !== 'string') {
      errors.push(
        invalidValue(`${path}.properties[${name}].type`, child['type'], 'must be string'),
      );
    }
  }
  const { metadata } = properties;
  const at = `${path}.properties[metadata]`;
  if (isOpenApiSchema(metadata) && metadata['type'] !== 'object') {
    errors.push(invalidValue(`${at}.type`, metadata['type'], 'must be object'));
  }
  if (isOpenApiSchema(metadata) && level === 'root' && !isNarrowed(metadata)) {
    const text =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenField(at, text));
  }
  if (isOpenApiSchema(metadata) && level === 'root') errors.push(...metadataDefaults(metadata, at));
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isEmbedded && !keepsUnknown && Object.keys(properties).length === 0) {
    const text =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, text));
  }
  return errors;
}

function metadataDefaults(metadata: OpenApiSchema, path: string): readonly FieldError[] {
  const properties = isOpenApiSchema(metadata['properties']) ? metadata['properties'] : {};
  const placed = Object.entries(properties).map(([name, schema]) => ({
    schema,
    path: `${path}.properties[${name}]`,
  }));
  return [{ schema: metadata, path }, ...placed]
    .filter(({ schema }) => isOpenApiSchema(schema) && schema['default'] !== undefined)
    .map((each) => forbiddenField(`${each.path}.default`, 'must not be set in top-level metadata'));
}

function isNarrowed({ type: _, description: __, properties, ...rest }: OpenApiSchema): boolean {
  const names = Object.keys(isOpenApiSchema(properties) ? properties : {});
  return (
    Object.keys(rest).length === 0 && names.every((name) => /^(name|generateName)$/.test(name))
  );
}

function* judgeDefault(placed: PlacedSchema, level: Level, context: Context): Walk<void> {
  const { schema, path } = placed;
  const { found, linked } = context;
  const { default: value } = schema;
  if (value === undefined) return;
  const field = `${path}.default`;
  if (level === 'root' && !isOpenApiSchema(value)) {
    found.add(invalidValue(field, value, 'must be an object'));
    return;
  }
  if (level === 'root' && isOpenApiSchema(value)) {
    for (const name of ['apiVersion', 'kind']) {
      if (!value[name]) found.add(required(`${field}.${name}`));
    }
  }
  const expected = linked.get(schema) ?? structuralSchema(schema, undefined, linked);
  for (const error of yield* validateValue({ value, path: '' }, expected, found.effort)) {
    const isWhole = error.field === noField || error.field === '';
    found.add({ ...error, field: isWhole ? field : `${field}.${error.field}` });
  }
  const pruned = copyJson(value as JsonValue);
  if (typeof pruned !== 'object' || pruned === null) return;
  const { unknownFields } = pruneToSchema(pruned, { schema: expected });
  if (unknownFields.length > 0) {
    found.add(invalidValue(field, value, 'must not have unknown fields'));
  }
}
