import { giveWay } from '@fairway/host';
import {
  type HttpResponse,
  type KubernetesObject,
  apiError,
  badRequest,
  decodeJson,
  headerOf,
  parseMediaType,
  parsePatchOptions,
} from '@fairway/protocol';
import { collectInTurn } from '../content/collect-in-turn.ts';
import { checkFields, describeDuplicates } from '../content/decode-object.ts';
import type { ExpectedObject } from '../content/expected-object.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { type NumberTexts, type Patch, applyType, patchTypes } from '../objects/patch.ts';
import { bodyLimits, checkObjectSize, objectTooLarge } from '../storage/object-limits.ts';
import { applyObject } from './apply.ts';
import { replaceObject } from '../objects/replace-object.ts';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { answerWritten } from './create.ts';

/** Answers `PATCH` on an object or on its status. */
export async function patchObject(call: Call<WriteParts>): Promise<HttpResponse> {
  if (isApply(call)) return applyObject(call);
  const { request, resource } = call;
  const patch = await readPatch(call, resource);
  const options = parsePatchOptions(request.query, { isApply: false });
  const { fieldValidation = 'Warn' } = options;
  const representation = chooseRepresentation(request, resource);
  const replaced = await replaceObject(call, {
    change: async (stored) => {
      const object = patch.apply(stored);
      await giveWay();
      const { duplicates, numberTexts, text } = patch;
      const source = { object, duplicates, numberTexts, fieldValidation, patch: text };
      return checkFields(call, resource, source);
    },
    options,
  });
  return answerWritten(call, representation, replaced);
}

/** Whether a patch says what its caller wants to be there, rather than what to change. */
export function isApply({ request }: Call): boolean {
  const contentType = headerOf(request.headers, 'content-type') ?? '';
  return contentType.split(';', 1)[0]?.trim() === applyType;
}

/** A patch that was read, and can be applied to any version of its object. */
export interface ReadPatch {
  readonly apply: (stored: KubernetesObject) => KubernetesObject;
  /** As it was sent, for messages. */
  readonly text: string;
  /** Fields that it gives twice, as the API tells of them. */
  readonly duplicates: readonly string[];
  /** Numbers of the outcome that are not written as integers, by their paths. */
  readonly numberTexts?: NumberTexts | undefined;
}

/**
 * Reads the patch of a request.
 *
 * Errors: UnsupportedMediaType for a type that the kind does not take, BadRequest for a body that
 * is no such patch.
 */
export async function readPatch(call: Call, expected: ExpectedObject): Promise<ReadPatch> {
  const contentType = headerOf(call.request.headers, 'content-type') ?? '';
  const type = parseMediaType(contentType)?.type ?? '';
  const patch = patchTypes.get(type);
  if (patch === undefined || !isTaken(patch, expected)) throw unsupportedPatch(expected);
  const body = await collectInTurn(call.request.body);
  const json = decodeJson(body, bodyLimits);
  await giveWay();
  if (json.kind === 'too large') throw objectTooLarge(json.problem);
  if (json.kind === 'malformed') {
    throw badRequest(`error decoding patch: json parse error: ${json.problem}`);
  }
  return {
    apply: (stored) => {
      const object = patch.apply({ stored, patch: json.value, expected });
      checkObjectSize(object);
      return object;
    },
    text: Buffer.from(body).toString(),
    duplicates: describeDuplicates(json.duplicateFields, patch.duplicatesPrefix),
    numberTexts: json.numberTexts && patch.placesOfNumbers?.(json.numberTexts, json.value),
  };
}

function isTaken(patch: Patch, { isBuiltIn }: ExpectedObject): boolean {
  return isBuiltIn || !patch.isOnlyForBuiltIn;
}

function unsupportedPatch(expected: ExpectedObject): Error {
  const taken = [...patchTypes]
    .filter(([, patch]) => isTaken(patch, expected))
    .map(([name]) => name);
  if (expected.isBuiltIn) {
    return apiError('UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  const types = [...taken, applyType].join(', ');
  const message = `the body of the request was in an unknown format - accepted media types include: ${types}`;
  return apiError('UnsupportedMediaType', message);
}
