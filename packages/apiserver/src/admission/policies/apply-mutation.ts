import {
  Failure,
  ObjectValue,
  type Value,
  elementsOf,
  isList,
  jsonOf,
  typeNameProblems,
} from '@fairway/cel';
import {
  type JsonObject,
  type JsonValue,
  type KubernetesObject,
  type Schema,
  applyJsonPatch,
  copyJson,
  internalError,
  isJsonObject,
} from '@fairway/protocol';
import { atomicsIn, checkApplied, mergeApplied, unknownFieldWalkers } from '@fairway/schema';
import type { ServedResource } from '../../registry/served-resource.ts';
import { objectBytesMax } from '../../storage/object-limits.ts';
import { refusedPatch } from '../mutation/refused-patch.ts';

/** Why a mutation cannot be made; the failure policy decides. */
export class MutationError extends Error {}

/** What is mutated: an object and what it is to be. */
export interface Mutated {
  readonly object: KubernetesObject;
  readonly resource: ServedResource;
  readonly schema: Schema;
}

/**
 * The object with what an apply configuration says laid over it.
 *
 * Errors: `MutationError`. Source: Kubernetes, admission/plugin/policy/mutating/patch/smd.go.
 */
export function applyConfiguration(value: Value, mutated: Mutated): KubernetesObject {
  const { object, schema } = mutated;
  const problems = typeNameProblems(value);
  if (problems.length > 0) throw new MutationError(`type mismatch: ${problems.join('\n')}`);
  const { apiVersion, kind } = object;
  const config = { ...(plainOf(value) as JsonObject), apiVersion, kind } as JsonObject;
  const misfits = checkApplied(config, schema);
  if (misfits.length > 0) {
    const list = misfits.length === 1 ? misfits[0] : ['errors:', ...misfits].join('\n  ');
    throw notApplied(`failed to convert patch object to typed object: ${list}`);
  }
  const atomics = atomicsIn(config, schema);
  if (atomics.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`;
    throw notApplied(`invalid ApplyConfiguration: ${why}`);
  }
  const merged = mergeApplied(object as JsonValue, config, schema) ?? {};
  return conform(copyJson(merged), mutated);
}

function notApplied(why: string): MutationError {
  return new MutationError(`error applying patch: ${why}`);
}

/**
 * The object as a list of operations makes it; itself when a test among them fails.
 *
 * Errors: `MutationError`; InternalError `ApiError` for what is no object of its kind any more.
 * Source: Kubernetes, admission/plugin/policy/mutating/patch/json_patch.go.
 */
export function applyOperations(value: Value, mutated: Mutated): KubernetesObject {
  const { object } = mutated;
  const operations = isList(value) ? elementsOf(value).map(operationOf) : [];
  const outcome = applyJsonPatch(object as JsonValue, operations, { copyBytesMax: objectBytesMax });
  if (outcome.kind === 'patched') return conform(outcome.value, mutated);
  if (outcome.kind !== 'refused') throw new MutationError(`JSON Patch: ${outcome.problem}`);
  const why = refusedPatch(object, operations, outcome);
  if (isFailedTest(why)) return object;
  throw new MutationError(`JSON Patch: ${why}`);
}

/** The one refusal that is none: the patch is not meant for this object. */
function isFailedTest(why: string): boolean {
  return why.endsWith(' failed: test failed');
}

function operationOf(value: Value): JsonObject {
  if (!(value instanceof ObjectValue)) throw new MutationError('type mismatch: not a JSONPatch');
  const patched = value.fields.get('value');
  const problems = patched === undefined ? [] : typeNameProblems(patched);
  if (problems.length > 0) throw new MutationError(`type mismatch: ${problems.join('\n')}`);
  return plainOf(value) as JsonObject;
}

function plainOf(value: Value): JsonValue {
  const json = jsonOf(value);
  if (!(json instanceof Failure)) return json;
  const what = 'evaluated to a type that could not marshal to JSON';
  throw new MutationError(`JSONPath valueExpression ${what}: ${json.message}`);
}

/** Refuses what its kind has no place for, and what is another kind. */
function conform(patched: JsonValue, { object, resource, schema }: Mutated): KubernetesObject {
  if (!isJsonObject(patched)) throw internalError('the patch leaves no object');
  const { apiVersion, kind = '' } = object;
  if (patched['apiVersion'] !== apiVersion || patched['kind'] !== kind) {
    throw internalError(`the patch makes another kind of object of ${apiVersion}, Kind=${kind}`);
  }
  const walk = unknownFieldWalkers[kind === resource.kind ? resource.unknownFields : 'dropped'];
  const { typeError, unknownFields } = walk(patched, { ...resource, kind, schema });
  if (typeError !== undefined) throw internalError(typeError);
  const [first] = unknownFields;
  if (first === undefined) return patched as KubernetesObject;
  throw internalError(`strict decoding error: unknown field ${JSON.stringify(first)}`);
}
