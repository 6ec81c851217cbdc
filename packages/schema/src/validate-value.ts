import {
  type FieldError,
  type JsonObject,
  type Schema,
  checkDns1035Label,
  equalsJson,
  fieldOf,
  forbiddenField,
  invalidValue,
  isJsonObject,
  required,
  tooMany,
} from '@fairway/protocol';
import { isEnumUnmade, makeEnumValues } from './enum-values.ts';
import {
  judgeEnum,
  judgeFormat,
  judgeLength,
  judgeNumber,
  judgePattern,
  judgeType,
} from './judge-scalar.ts';
import {
  type JudgedBy,
  Judgement,
  type PlacedValue,
  fieldAt,
  noField,
  stepsOfValue,
} from './judgement.ts';
import { judgeRepetition, storedItems } from './repeated-items.ts';
import { Effort, type Walk } from './walk.ts';

/** What one validation may do: a second or two. */
const validationStepsMax = 200_000_000;
/** The most errors that are reported. */
const fieldErrorsMax = 1_000;
/** For each that takes a walk of its own. */
const stepsOfWalk = 80;

/**
 * All that is wrong with a value by its schema, in the API's words. The work is linear in the schema
 * and in the value; one that would be too much is an error too.
 *
 * Source: kube-openapi, validation/errors; KEP-4008 for what an update may leave as it was.
 */
export function* validateValue(
  placed: PlacedValue,
  schema: Schema,
  effort = new Effort(validationStepsMax),
): Walk<readonly FieldError[]> {
  const found = new Judgement(effort, fieldErrorsMax);
  yield* judge(placed, schema, found) ?? [];
  if (effort.isSpent) {
    const text = `the object takes more work to validate by its definition than validationStepsMax (${validationStepsMax}) allows`;
    return [...found.errors.slice(0, fieldErrorsMax), forbiddenField(noField, text)];
  }
  if (found.isOver) {
    const text = `more than fieldErrorsMax (${fieldErrorsMax}) values are wrong; the rest was not looked at`;
    return [...found.errors, forbiddenField(noField, text)];
  }
  return found.errors;
}

/** Judges a value; what may take long is left for the walk that this answers. */
function judge(placed: PlacedValue, schema: Schema, found: Judgement): Walk<void> | undefined {
  const { value, stored } = placed;
  const { effort } = found;
  effort.add(stepsOfValue);
  if (stored !== undefined && equalsJson(value, stored, effort)) {
    return undefined;
  }
  judgeType(placed, schema, found);
  if (typeof value === 'object' || mayTakeLong(schema)) return judgeAtLength(placed, schema, found);
  judgeScalar(placed, schema, found);
  return undefined;
}

function mayTakeLong(schema: Schema): boolean {
  if (schema.constraints?.pattern !== undefined || hasAlternatives(schema)) return true;
  return isEnumUnmade(schema);
}

function judgeScalar(placed: PlacedValue, schema: Schema, found: Judgement): void {
  const { value } = placed;
  if (typeof value === 'string') {
    judgeLength(value, placed, { schema, found });
    judgeFormat(value, placed, { schema, found });
  } else if (typeof value === 'number' || typeof value === 'bigint') {
    judgeNumber(value, placed, { schema, found });
  }
  judgeEnum(placed, schema, found);
}

function* judgeAtLength(placed: PlacedValue, schema: Schema, found: Judgement): Walk<void> {
  const { value } = placed;
  const { constraints = {} } = schema;
  found.effort.add(stepsOfWalk);
  if (isEnumUnmade(schema)) yield* makeEnumValues(schema, found.effort);
  if (value === null) return judgeEnum(placed, schema, found);
  if (hasAlternatives(schema)) yield* judgeAlternatives(placed, schema, found);
  if (typeof value === 'string') {
    judgeLength(value, placed, { schema, found });
    yield* judgePattern(value, placed, { constraints, found });
    judgeFormat(value, placed, { schema, found });
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    judgeNumber(value, placed, { schema, found });
  }
  if (Array.isArray(value)) yield* judgeList(value, placed, { schema, found });
  judgeEnum(placed, schema, found);
  if (isJsonObject(value)) yield* judgeObject(value, placed, { schema, found });
  return undefined;
}

function hasAlternatives({ constraints }: Schema): boolean {
  if (constraints === undefined) return false;
  const { anyOf, oneOf, allOf, not } = constraints;
  return (anyOf ?? oneOf ?? allOf ?? not) !== undefined;
}

function* judgeAlternatives(
  placed: PlacedValue,
  { constraints = {} }: Schema,
  found: Judgement,
): Walk<void> {
  const { stored: _, ...whole } = placed;
  const { anyOf, oneOf, allOf, not } = constraints;
  const composite = (text: string): void => {
    found.add(invalidValue(noField, '', `"${placed.path}" ${text}`));
  };
  const any = yield* judgeEach(whole, anyOf, found);
  if (anyOf !== undefined && !any.some(isEmpty)) {
    composite('must validate at least one schema (anyOf)');
    addAll(shortest(any), found);
  }
  const one = yield* judgeEach(whole, oneOf, found);
  const validCount = one.filter(isEmpty).length;
  if (oneOf !== undefined && validCount !== 1) {
    const count = validCount === 0 ? 'none valid' : `${validCount} valid alternatives`;
    composite(`must validate one and only one schema (oneOf). Found ${count}`);
    if (validCount === 0) addAll(shortest(one), found);
  }
  const all = (yield* judgeEach(whole, allOf, found)).filter((each) => !isEmpty(each));
  if (all.length > 0) {
    for (const each of all) addAll(each, found);
    composite('must validate all the schemas (allOf)');
  }
  if (not === undefined) return;
  const opposite = new Judgement(found.effort, 1);
  yield* judge(whole, not, opposite) ?? [];
  if (isEmpty(opposite.errors)) composite('must not validate the schema (not)');
}

/** What each of several schemas finds wrong with a value. */
function* judgeEach(
  placed: PlacedValue,
  schemas: readonly Schema[] = [],
  { effort }: Judgement,
): Walk<readonly FieldError[][]> {
  const outcomes: FieldError[][] = [];
  for (const schema of schemas) {
    const own = new Judgement(effort, fieldErrorsMax);
    yield* judge(placed, schema, own) ?? [];
    outcomes.push(own.errors);
  }
  return outcomes;
}

function addAll(errors: readonly FieldError[], found: Judgement): void {
  for (const error of errors) found.add(error);
}

function isEmpty(errors: readonly FieldError[]): boolean {
  return errors.length === 0;
}

/** The alternative that came nearest, which is the one that its author most likely meant. */
function shortest(outcomes: readonly FieldError[][]): readonly FieldError[] {
  return [...outcomes].sort((one, other) => one.length - other.length)[0] ?? [];
}

function* judgeList(
  list: readonly unknown[],
  { path, stored }: PlacedValue,
  { schema, found }: JudgedBy,
): Walk<void> {
  const { constraints = {}, items } = schema;
  const { minItems, maxItems } = constraints;
  if (items !== undefined) {
    const before = storedItems(stored, schema, found);
    for (let index = 0; index < list.length && !found.isOver; index++) {
      const value = list[index];
      const placed = { value, path: `${path}[${index}]`, stored: before(value) };
      yield* judge(placed, items, found) ?? [];
      if (found.effort.isPauseDue()) yield;
    }
  }
  if (minItems !== undefined && list.length < minItems) {
    const text = `${path} in body should have at least ${minItems} items`;
    found.add(invalidValue(fieldAt(path), list.length, text));
  }
  if (maxItems !== undefined && list.length > maxItems) {
    found.add(tooMany(fieldAt(path), list.length, maxItems));
  }
  yield* judgeRepetition(list, path, { schema, found });
}

function* judgeObject(
  object: Readonly<Record<string, unknown>>,
  { path, stored }: PlacedValue,
  { schema, found }: JudgedBy,
): Walk<void> {
  const { constraints = {}, properties, additionalProperties, required: names = [] } = schema;
  const { minProperties, maxProperties } = constraints;
  const fields = Object.keys(object);
  if (minProperties !== undefined && fields.length < minProperties) {
    const text = `${path} in body should have at least ${minProperties} properties`;
    found.add(invalidValue(fieldAt(path), fields.length, text));
  }
  if (maxProperties !== undefined && fields.length > maxProperties) {
    found.add(tooMany(fieldAt(path), fields.length, maxProperties));
  }
  const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
  const before: JsonObject = isJsonObject(stored) ? stored : {};
  for (const field of fields) {
    if (found.isOver) return;
    const child = properties?.get(field) ?? additionalProperties;
    if (child === undefined) continue;
    const placed = { value: object[field], path: at(field), stored: fieldOf(before, field) };
    yield* judge(placed, child, found) ?? [];
    if (found.effort.isPauseDue()) yield;
  }
  for (const name of names) {
    if (found.isOver) return;
    found.effort.add(1);
    if (!Object.hasOwn(object, name)) found.add(required(at(name)));
  }
  judgeEmbedded(object, path, { schema, found });
}

/** An object within the object must say what it is. The object itself always does. */
function judgeEmbedded(
  object: Readonly<Record<string, unknown>>,
  path: string,
  { schema, found }: JudgedBy,
): void {
  if (schema.isEmbeddedResource !== true || path === '') return;
  for (const [field, problem] of [
    ['apiVersion', checkGroupVersion],
    ['kind', checkKind],
  ] as const) {
    const at = `${path}.${field}`;
    const value = object[field];
    if (value === undefined) found.add(required(at));
    else if (typeof value === 'string') {
      const wrong = value === '' ? 'must not be empty' : problem(value);
      if (wrong !== undefined) found.add(invalidValue(at, value, wrong));
    }
  }
}

function checkGroupVersion(text: string): string | undefined {
  return text.split('/').length > 2 ? `unexpected GroupVersion string: ${text}` : undefined;
}

function checkKind(kind: string): string | undefined {
  const wrong = checkDns1035Label(kind.toLowerCase());
  return wrong && `may have mixed case, but should otherwise match: ${wrong}`;
}
