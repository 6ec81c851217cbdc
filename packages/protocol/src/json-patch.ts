import { stringifyJson } from './json-text.ts';
import {
  type CopyBudget,
  type DraftTree,
  copyDraft,
  isSpent,
  growDraft,
  isDraftEqual,
  readDraft,
} from './draft-tree.ts';
import { keyOfStep, pointerStep } from './json-pointer.ts';
import { type JsonObject, type JsonValue, fieldOf, isJsonObject } from './json-value.ts';

/** What came of a JSON patch. */
export type JsonPatchOutcome =
  /** `value` is a fresh copy that is not shared. */
  | { readonly kind: 'patched'; readonly value: JsonValue }
  /** The patch itself is malformed. */
  | { readonly kind: 'malformed'; readonly problem: string }
  /** It does not fit this document: a test failed, a path leads nowhere; `operation` counts from 0. */
  | { readonly kind: 'refused'; readonly problem: string; readonly operation?: number }
  | { readonly kind: 'too large'; readonly problem: string };

/** Bounds of a JSON patch, each with the default of the API. */
export interface JsonPatchLimits {
  readonly operationsMax?: number;
  /** What all `copy` operations together may add, as JSON: each may double the document. */
  readonly copyBytesMax?: number;
  /** How many fields and elements they may add. */
  readonly copyValuesMax?: number;
  /** How many steps the paths of all operations may have together: each is taken one by one. */
  readonly pathStepsMax?: number;
  /** How deep the document may become: a few copies into themselves go deeper than any stack. */
  readonly depthMax?: number;
  /** How many elements of lists all operations together may push aside for others. */
  readonly shiftsMax?: number;
}

/**
 * Applies a JSON patch to a copy of `document`.
 *
 * As Kubernetes has it, which is laxer than the RFC: an index may count from the end (`-1`) and begin with
 * zeros, a member that is absent may be replaced, counts as null when it is copied, and so does a value
 * that is left out; what stands before the first slash of a path is nothing.
 * Source: RFC 6902, RFC 6901; what a kube-apiserver 1.36 answers.
 */
export function applyJsonPatch(
  document: JsonValue,
  patch: unknown,
  limits: JsonPatchLimits = {},
): JsonPatchOutcome {
  const { operationsMax = 10_000, copyBytesMax = 3 * 1024 * 1024 } = limits;
  const { copyValuesMax = 100_000, pathStepsMax = 200_000 } = limits;
  const { depthMax = 1000, shiftsMax = 10_000_000 } = limits;
  if (!Array.isArray(patch)) return { kind: 'malformed', problem: 'a JSON patch is an array' };
  if (patch.length > operationsMax) {
    const problem = `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`;
    return { kind: 'too large', problem };
  }
  const other = patch.findIndex((candidate) => candidate !== null && !isJsonObject(candidate));
  if (other >= 0) return { kind: 'malformed', problem: `operation ${other}: not an object` };
  const root = growDraft(document, depthMax);
  if (root === undefined) return { kind: 'refused', problem: tooDeep };
  const state: State = {
    root: [root],
    depthMax,
    copies: { bytesLeft: copyBytesMax, valuesLeft: copyValuesMax },
    shiftsLeft: shiftsMax,
    stepsLeft: pathStepsMax,
  };
  for (const [index, candidate] of patch.entries()) {
    const operation = readOperation(candidate);
    if (typeof operation === 'string') {
      return { kind: 'refused', problem: `operation ${index}: ${operation}`, operation: index };
    }
    state.stepsLeft -= stepsOf(operation);
    if (state.stepsLeft < 0) {
      const problem = `the paths of a JSON patch may have ${pathStepsMax} steps together`;
      return { kind: 'too large', problem };
    }
    const problem = apply(state, operation);
    if (problem !== undefined) {
      const kind = isSpent(state.copies) || state.shiftsLeft < 0 ? 'too large' : 'refused';
      const told = `operation ${index} (${operation.op}): ${problem}`;
      return { kind, problem: told, ...(kind === 'refused' ? { operation: index } : {}) };
    }
  }
  const value = readDraft(state.root[0], depthMax);
  return value === undefined ? { kind: 'refused', problem: tooDeep } : { kind: 'patched', value };
}

const tooDeep = 'the document becomes too deep';

interface State {
  /** The document as the only element of an array, so that it has a place like all the rest. */
  readonly root: [DraftTree];
  readonly depthMax: number;
  readonly copies: CopyBudget;
  shiftsLeft: number;
  stepsLeft: number;
}

type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Path; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: Path }
  | { readonly op: 'move' | 'copy'; readonly path: Path; readonly from: Path };

type Path = readonly string[];

function stepsOf(operation: Operation): number {
  return operation.path.length + ('from' in operation ? operation.from.length : 0);
}

/** Returns what is wrong with it, if anything. */
function readOperation(candidate: JsonValue): Operation | string {
  if (!isJsonObject(candidate)) return 'without an op';
  const op = fieldOf(candidate, 'op');
  const path = readPath(candidate, 'path');
  if (typeof path === 'string') return path;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op, path, value: fieldOf(candidate, 'value') ?? null };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy': {
      const from = readPath(candidate, 'from');
      return typeof from === 'string' ? from : { op, path, from };
    }
    default:
      return `unknown op ${show(stringifyJson(op) ?? 'undefined')}`;
  }
}

function readPath(operation: JsonObject, name: 'path' | 'from'): Path | string {
  const pointer = fieldOf(operation, name);
  if (typeof pointer !== 'string') return `"${name}" must be a JSON pointer`;
  if (pointer === '') return [];
  const start = pointer.indexOf('/');
  if (start < 0) return `"${name}" must be empty or hold a "/"`;
  const segments = pointer.slice(start + 1).split('/', stepsOfPathMax + 1);
  if (segments.length > stepsOfPathMax) return `"${name}" has more than ${stepsOfPathMax} steps`;
  return segments.map(keyOfStep);
}

/** Deeper than any document. */
const stepsOfPathMax = 100_000;

/** Changes the document; returns why it cannot, if so. */
function apply(state: State, operation: Operation): string | undefined {
  const { path } = operation;
  switch (operation.op) {
    case 'add':
    case 'replace': {
      const value = growDraft(operation.value, state.depthMax - path.length);
      if (value === undefined) return tooDeep;
      return operation.op === 'add' ? add(state, path, value) : replace(state, path, value);
    }
    case 'remove':
      return remove(state, path);
    case 'test': {
      const found = findOrNull(state, path);
      const isEqual = found !== undefined && isDraftEqual(found, operation.value);
      return isEqual ? undefined : `${showPath(path)} has another value`;
    }
    case 'move':
      return move(state, operation.from, path);
    case 'copy':
      return copy(state, operation.from, path);
  }
}

function move(state: State, from: Path, path: Path): string | undefined {
  const isInside = from.length < path.length && from.every((each, at) => each === path[at]);
  if (isInside) return `${showPath(from)} cannot move into itself`;
  const found = find(state, from);
  if (found === undefined) return missing(from);
  return remove(state, from) ?? add(state, path, found);
}

function copy(state: State, from: Path, path: Path): string | undefined {
  const found = findOrNull(state, from);
  if (found === undefined) return missing(from);
  const value = copyDraft(found, state.depthMax - path.length, state.copies);
  if (value !== undefined) return add(state, path, value);
  return isSpent(state.copies) ? 'the patch copies too much' : tooDeep;
}

function add(state: State, path: Path, value: DraftTree): string | undefined {
  const place = placeOf(state, path);
  if (place === undefined) return missing(path);
  const { parent, key } = place;
  if (path.length === 0) state.root[0] = value;
  else if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : indexOf(key, parent.length + 1);
    if (index === undefined) return missing(path);
    if (!mayShift(state, parent.length - index)) return shiftsTooMuch;
    parent.splice(index, 0, value);
  } else parent.set(key, value);
  return undefined;
}

function replace(state: State, path: Path, value: DraftTree): string | undefined {
  const place = placeOf(state, path);
  if (place === undefined) return missing(path);
  const { parent, key } = place;
  if (Array.isArray(parent)) {
    const index = indexOf(key, parent.length);
    if (index === undefined) return missing(path);
    parent[index] = value;
  } else parent.set(key, value);
  return undefined;
}

function remove(state: State, path: Path): string | undefined {
  const place = placeOf(state, path);
  if (place === undefined || valueAt(place) === undefined) return missing(path);
  const { parent, key } = place;
  if (path.length === 0) return 'the whole document cannot be removed';
  if (Array.isArray(parent)) {
    const index = indexOf(key, parent.length) ?? 0;
    if (!mayShift(state, parent.length - index)) return shiftsTooMuch;
    parent.splice(index, 1);
  } else parent.delete(key);
  return undefined;
}

const shiftsTooMuch = 'the patch moves too many elements of lists';

/** Counts what an insertion or removal pushes aside: a list of n takes n steps each time. */
function mayShift(state: State, elements: number): boolean {
  state.shiftsLeft -= elements;
  return state.shiftsLeft >= 0;
}

function find(state: State, path: Path): DraftTree | undefined {
  const place = placeOf(state, path);
  return place === undefined ? undefined : valueAt(place);
}

/** The same, with null for a member that an object does not have. */
function findOrNull(state: State, path: Path): DraftTree | undefined {
  const place = placeOf(state, path);
  if (place === undefined) return undefined;
  return valueAt(place) ?? (Array.isArray(place.parent) ? undefined : null);
}

/** A place in the draft: what holds it, and under which key. It need not be taken. */
interface Place {
  readonly parent: Map<string, DraftTree> | DraftTree[];
  readonly key: string;
}

function placeOf(state: State, path: Path): Place | undefined {
  let place: Place = { parent: state.root, key: '0' };
  for (const key of path) {
    const value = valueAt(place);
    if (typeof value !== 'object' || value === null) return undefined;
    place = { parent: value, key };
  }
  return place;
}

function valueAt({ parent, key }: Place): DraftTree | undefined {
  if (!Array.isArray(parent)) return parent.get(key);
  const index = indexOf(key, parent.length);
  return index === undefined ? undefined : parent[index];
}

/** Undefined for what is no index below `length`; `-1` is the last. */
function indexOf(key: string, length: number): number | undefined {
  if (!/^[-+]?[0-9]{1,15}$/.test(key)) return undefined;
  const index = Number(key);
  if (index < 0) return index + length < 0 ? undefined : index + length;
  return index < length ? index : undefined;
}

function missing(path: Path): string {
  return `${showPath(path)} does not exist`;
}

function showPath(path: Path): string {
  const pointer = path.map((key) => `/${pointerStep(key)}`).join('');
  return show(JSON.stringify(pointer));
}

const shownCharactersMax = 200;

function show(text: string): string {
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}
