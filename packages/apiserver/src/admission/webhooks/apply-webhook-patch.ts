import type { BuiltInSchemas } from '@fairway/kinds/schema';
import {
  type JsonValue,
  type KubernetesObject,
  applyJsonPatch,
  decodeJson,
  equalsJson,
  internalError,
  isJsonObject,
} from '@fairway/protocol';
import { unknownFieldWalkers } from '@fairway/schema';
import { bodyLimits, objectBytesMax } from '../../storage/object-limits.ts';
import { refusedPatch } from '../mutation/refused-patch.ts';
import type { ShownRequest } from './admission-review.ts';
import { CallFailure } from './call-failure.ts';

export interface PatchParts {
  readonly schemas: BuiltInSchemas;
}

interface WebhookPatch {
  readonly webhook: string;
  readonly patch: Uint8Array;
  readonly patchType: string;
}

interface PatchedObject {
  readonly object: KubernetesObject;
  readonly operations: readonly unknown[];
  readonly isChanged: boolean;
}

/**
 * The object as a webhook's patch makes it, which shares nothing with the one before, with its defaults; undefined
 * for a patch that says nothing.
 *
 * Errors: `CallFailure` for what is no patch; InternalError `ApiError`, whatever the failure policy, for one
 * that does not fit the object or leaves no object of its kind.
 */
export function applyWebhookPatch(
  { object, matched }: ShownRequest,
  { webhook, patch, patchType }: WebhookPatch,
  parts: PatchParts,
): PatchedObject | undefined {
  const decoded = decodeJson(patch, bodyLimits);
  if (decoded.kind !== 'decoded') throw undecodable(webhook, decoded.problem);
  const operations = decoded.value;
  if (operations === null) return undefined;
  if (!Array.isArray(operations)) {
    const type = `cannot unmarshal ${typeof operations} into Go value of type jsonpatch.Patch`;
    throw undecodable(webhook, `json: ${type}`);
  }
  if (operations.length === 0) return undefined;
  if (object === undefined) {
    const why = 'attempted to modify the object, which is not supported for this operation';
    throw internalError(`admission webhook ${JSON.stringify(webhook)} ${why}`);
  }
  if (patchType !== 'JSONPatch') {
    throw new CallFailure(webhook, `unsupported patch type ${JSON.stringify(patchType)}`);
  }
  const patched = patchedObject(object, operations);
  conform(patched, { object, matched, parts });
  const isChanged = !equalsJson(patched, object);
  if (patched.kind === matched.kind) matched.rules.applyDefaults?.(patched as never);
  return { object: patched, operations, isChanged };
}

function undecodable(webhook: string, problem: string): CallFailure {
  const what = `received undecodable patch in webhook response: ${problem}`;
  return new CallFailure(webhook, what);
}

function patchedObject(object: KubernetesObject, operations: readonly unknown[]): KubernetesObject {
  const outcome = applyJsonPatch(object as JsonValue, operations, { copyBytesMax: objectBytesMax });
  if (outcome.kind === 'refused') throw internalError(refusedPatch(object, operations, outcome));
  if (outcome.kind !== 'patched') throw internalError(outcome.problem);
  if (!isJsonObject(outcome.value)) throw internalError('the patch leaves no object');
  return outcome.value as KubernetesObject;
}

/** Unknown fields go; what has another type than its kind says is no object of this kind. */
function conform(
  patched: KubernetesObject,
  {
    object,
    matched,
    parts,
  }: {
    readonly object: KubernetesObject;
    readonly matched: ShownRequest['matched'];
    readonly parts: PatchParts;
  },
): void {
  const { apiVersion = '', kind = '' } = object;
  if (patched.apiVersion !== apiVersion || patched.kind !== kind) {
    const [was, is] = [
      `${apiVersion}, Kind=${kind}`,
      `${patched.apiVersion}, Kind=${patched.kind}`,
    ];
    throw internalError(`the patch makes another kind of object of ${was}: ${is}`);
  }
  const isOwn = kind === matched.kind;
  const schema = isOwn ? matched.schema : parts.schemas.lookup(apiVersion, kind);
  if (schema === undefined) return;
  const walk = unknownFieldWalkers[isOwn ? matched.unknownFields : 'dropped'];
  const { typeError } = walk(patched, { ...matched, kind, schema });
  if (typeError !== undefined) throw internalError(typeError);
}
