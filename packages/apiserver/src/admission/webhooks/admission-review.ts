import { isJsonObject, stringifyJson } from '@fairway/protocol';
import type { ServedResource } from '../../registry/served-resource.ts';
import { requestVariable } from '../expressions/request-variable.ts';
import type { MatchedRequest } from '../matching/request-matcher.ts';

/** A request as a webhook is to see it. */
export interface ShownRequest extends MatchedRequest {
  /** The resource as the webhook's rule names it; `object` and `stored` are in its version. */
  readonly matched: ServedResource;
}

const knownVersions: ReadonlySet<string> = new Set(['v1', 'v1beta1']);

/** The first of the versions that the webhook accepts and that is known here. */
export function reviewVersion(accepted: readonly string[]): string | undefined {
  return accepted.find((version) => knownVersions.has(version));
}

/** The question, as JSON. Source: admission.k8s.io/v1 AdmissionReview. */
export function writeReview(
  request: ShownRequest,
  { uid, version }: { readonly uid: string; readonly version: string },
): Buffer {
  const review = {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      ...requestVariable(request, request.matched),
      uid,
      object: request.object ?? null,
      oldObject: request.stored ?? null,
    },
  };
  return Buffer.from(stringifyJson(review));
}

/** What a webhook says. */
export interface Verdict {
  readonly isAllowed: boolean;
  /** A Status; whatever else it is says nothing. */
  readonly result?: unknown;
  /** JSON in bytes; absent: nothing is to be changed. */
  readonly patch?: Uint8Array;
  readonly patchType?: string;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/**
 * Reads what a webhook answered. A text says what is wrong with it, in the words of Kubernetes.
 * Source: apiserver, VerifyAdmissionResponse.
 */
export function readVerdict(
  answer: unknown,
  asked: { readonly uid: string; readonly version: string; readonly isMutating: boolean },
): Verdict | string {
  const { response } = answer as { readonly response?: unknown };
  if (!isJsonObject(response)) return invalid('webhook response was absent');
  const { uid = '', allowed, patch, patchType, warnings } = response as Answered;
  const isOld = asked.version === 'v1beta1';
  if (!isOld && uid !== asked.uid) {
    return invalid(`expected response.uid=${quote(asked.uid)}, got ${quote(uid)}`);
  }
  const problem =
    typeProblem(response as Answered) ?? (isOld ? undefined : patchProblem(response, asked));
  if (problem !== undefined) return problem;
  const hasPatch = asked.isMutating && typeof patch === 'string' && patch !== '';
  return {
    isAllowed: allowed === true,
    result: response['status'],
    ...(hasPatch ? { patch: Buffer.from(patch, 'base64') } : {}),
    // The earlier version did not ask for it.
    ...(hasPatch ? { patchType: isOld ? 'JSONPatch' : String(patchType) } : {}),
    warnings: warnings ?? [],
    auditAnnotations: (response['auditAnnotations'] ?? {}) as Readonly<Record<string, string>>,
  };
}

interface Answered {
  readonly uid?: unknown;
  readonly allowed?: unknown;
  readonly patch?: unknown;
  readonly patchType?: unknown;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: unknown;
}

function patchProblem(
  response: Answered,
  { isMutating }: { readonly isMutating: boolean },
): string | undefined {
  const hasPatch = (response.patch ?? '') !== '';
  const hasType = (response.patchType ?? undefined) !== undefined;
  if (!isMutating) {
    if (hasPatch) return invalid('validating webhook may not return response.patch');
    return hasType ? invalid('validating webhook may not return response.patchType') : undefined;
  }
  if (hasPatch && !hasType) {
    return invalid('webhook returned response.patch but not response.patchType');
  }
  if (!hasPatch && hasType) {
    return invalid('webhook returned response.patchType but not response.patch');
  }
  return response.patchType === ''
    ? invalid('webhook returned invalid response.patchType of ""')
    : undefined;
}

/** What Go could not have read. */
function typeProblem(response: Answered): string | undefined {
  const { allowed, patch, patchType, warnings, auditAnnotations } = response;
  const wrong = [
    isAbsent(allowed) || typeof allowed === 'boolean' ? '' : 'allowed',
    isAbsent(patch) || isBase64(patch) ? '' : 'patch',
    isAbsent(patchType) || typeof patchType === 'string' ? '' : 'patchType',
    isAbsent(warnings) || (Array.isArray(warnings) && warnings.every(isText)) ? '' : 'warnings',
    isAbsent(auditAnnotations) || isTexts(auditAnnotations) ? '' : 'auditAnnotations',
  ].find((field) => field !== '');
  return wrong === undefined
    ? undefined
    : `failed to call webhook: json: cannot unmarshal response.${wrong}, which is not what AdmissionResponse has there`;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return isJsonObject(value) && Object.values(value).every(isText);
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/.test(value);
}

function invalid(why: string): string {
  return `received invalid webhook response: ${why}`;
}

function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (stringifyJson(value) ?? '""');
}
