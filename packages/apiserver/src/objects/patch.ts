import {
  type JsonObject,
  type JsonValue,
  type KubernetesObject,
  apiError,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  isJsonObject,
  keyOfStep,
} from '@fairway/protocol';
import type { ExpectedObject } from '../content/expected-object.ts';
import { withoutManagedFields } from '../content/incoming-object.ts';
import { objectBytesMax } from '../storage/object-limits.ts';

/** A patch type. */
export interface Patch {
  /** Custom resources have no merge keys, so there is no strategic merge for them. */
  readonly isOnlyForBuiltIn: boolean;
  /** What the API says before it names a field that a patch gives twice. */
  readonly duplicatesPrefix?: string;
  /**
   * Where in the patched object the numbers are that the patch writes in a form of its own (`5.0`), which
   * is no integer there. Absent where they are read before, and only what they say counts.
   */
  readonly placesOfNumbers?: (texts: NumberTexts, patch: unknown) => NumberTexts;
  /**
   * Makes a fresh object of a stored one.
   * Errors: the `ApiError` that the caller gets.
   */
  readonly apply: (change: PatchedObject) => KubernetesObject;
}

/** How numbers are written, by their paths. */
export type NumberTexts = ReadonlyMap<string, string>;

export interface PatchedObject {
  readonly stored: KubernetesObject;
  /** Decoded, and not yet looked at. */
  readonly patch: unknown;
  readonly expected: ExpectedObject;
}

/** A patch that says what its caller wants to be there. */
export const applyType = 'application/apply-patch+yaml';

/** Those that say what to change, by media type. To add one, add a line. */
export const patchTypes: ReadonlyMap<string, Patch> = new Map<string, Patch>([
  [
    'application/json-patch+json',
    {
      isOnlyForBuiltIn: false,
      duplicatesPrefix: 'json patch ',
      apply: applyOperations,
      placesOfNumbers: placesOfOperations,
    },
  ],
  [
    'application/merge-patch+json',
    { isOnlyForBuiltIn: false, apply: applyMerge, placesOfNumbers: (texts) => texts },
  ],
  ['application/strategic-merge-patch+json', { isOnlyForBuiltIn: true, apply: applyStrategic }],
]);

function applyOperations({ stored, patch }: PatchedObject): KubernetesObject {
  const outcome = applyJsonPatch(stored as JsonValue, patch, { copyBytesMax: objectBytesMax });
  switch (outcome.kind) {
    case 'patched':
      return objectOf(outcome.value);
    case 'malformed':
      throw badRequest(`error decoding patch: ${outcome.problem}`);
    case 'too large':
      throw apiError('RequestEntityTooLarge', outcome.problem);
    case 'refused':
      throw rejected(outcome.problem);
  }
}

/** Of what is added at the end of a list the place is not known, nor of what later operations move. */
function placesOfOperations(texts: NumberTexts, patch: unknown): NumberTexts {
  const operations = patch as readonly { readonly path?: unknown }[];
  const places = new Map<string, string>();
  for (const [place, text] of texts) {
    const [, index = '', below] = /^\[(\d+)\]\.value(.*)$/.exec(place) ?? [];
    const { path } = operations[Number(index)] ?? {};
    if (below === undefined || typeof path !== 'string') continue;
    const steps = path.split('/').slice(1);
    const at = steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${keyOfStep(step)}`));
    places.set(`${at.join('')}${below}`.replace(/^\./, ''), text);
  }
  return places;
}

function applyMerge({ stored, patch }: PatchedObject): KubernetesObject {
  if (!isJsonObject(patch as JsonValue)) throw notAnObject();
  return objectOf(applyMergePatch(withoutManagedFields(stored) as JsonValue, patch as JsonValue));
}

function applyStrategic({ stored, patch, expected }: PatchedObject): KubernetesObject {
  const change = patch as JsonValue;
  if (!isJsonObject(change)) throw notAnObject();
  const document = withoutManagedFields(stored) as JsonObject;
  const outcome = applyStrategicMergePatch(document, change, expected.schema);
  switch (outcome.kind) {
    case 'patched':
      return objectOf(outcome.value);
    case 'malformed':
      throw badRequest(outcome.problem);
    case 'too large':
      throw apiError('RequestEntityTooLarge', outcome.problem);
    case 'refused':
      throw rejected(outcome.problem);
  }
}

function objectOf(value: JsonValue): KubernetesObject {
  if (!isJsonObject(value)) throw rejected('the patch leaves no object');
  return value as KubernetesObject;
}

/** The API does not tell its caller more; the log of the server does. */
function rejected(detail: string): Error {
  const message = 'the server rejected our request due to an error in our request';
  return apiError('Invalid', message, {}, { detail });
}

function notAnObject(): Error {
  return badRequest('error decoding patch: the patch must be an object');
}
