import {
  type Handler,
  type HttpResponse,
  type JsonValue,
  type KubernetesObject,
  type UserInfo,
  badRequest,
  collectBody,
  decodeJson,
  apiError,
  isJsonObject,
  stringifyJson,
} from '@fairway/protocol';
import type { AdmissionAnswer } from './admission-answer.ts';
import type { AdmissionQuestion } from './admission-question.ts';
import { jsonPatchBetween } from './json-patch-between.ts';

/** Says what may be done. Throws for what it does not know: the `failurePolicy` of the webhook decides then. */
export type Decide<T extends KubernetesObject> = (
  question: AdmissionQuestion<T>,
) => AdmissionAnswer<T> | Promise<AdmissionAnswer<T>>;

/** Of a question, which holds two objects. */
const questionBytesMax = 16 * 1024 * 1024;

/**
 * Answers admission reviews, `admission.k8s.io/v1` and `v1beta1`: typed questions in, verdicts out.
 *
 *     answerAdmission<Pod>(({ object }) =>
 *       object?.spec?.hostNetwork ? deny('not in the network of the node') : allow());
 *
 * Errors: BadRequest `ApiError` for what is no review; what `decide` throws.
 */
export function answerAdmission<T extends KubernetesObject>(decide: Decide<T>): Handler {
  return async ({ method, body }) => {
    if (method !== 'POST') throw apiError('MethodNotAllowed', 'a review is sent with POST');
    const tooLong = (): Error =>
      apiError('RequestEntityTooLarge', `a review has ${questionBytesMax} bytes at most`);
    const bytes = await collectBody(body, { bytesMax: questionBytesMax, tooLong });
    const review = readReview(bytes);
    const answer = await decide(questionOf<T>(review.request));
    return reviewed(review, responseTo(review.request, answer));
  };
}

interface Review {
  readonly apiVersion: string;
  readonly request: Asked;
}

/** As it comes. Source: admission.k8s.io/v1 AdmissionRequest. */
interface Asked {
  readonly uid: string;
  readonly operation: AdmissionQuestion['operation'];
  readonly kind: AdmissionQuestion['kind'];
  readonly resource: AdmissionQuestion['resource'];
  readonly subResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly userInfo: Partial<UserInfo>;
  readonly object?: KubernetesObject | null;
  readonly oldObject?: KubernetesObject | null;
  readonly dryRun?: boolean;
  readonly options?: object | null;
}

function readReview(bytes: Uint8Array): Review {
  const json = decodeJson(bytes);
  const value = json.kind === 'decoded' ? json.value : undefined;
  const { apiVersion, kind, request } = isJsonObject(value) ? value : {};
  const isKnown = apiVersion === 'admission.k8s.io/v1' || apiVersion === 'admission.k8s.io/v1beta1';
  if (kind !== 'AdmissionReview' || !isKnown) {
    throw badRequest('the body must be an AdmissionReview of admission.k8s.io/v1 or v1beta1');
  }
  const { uid } = isJsonObject(request) ? request : {};
  if (typeof uid !== 'string') throw badRequest('the review has no request with a uid');
  return { apiVersion, request: request as unknown as Asked };
}

function questionOf<T extends KubernetesObject>(asked: Asked): AdmissionQuestion<T> {
  const { uid, operation, kind, resource, object, oldObject } = asked;
  return {
    uid,
    operation,
    kind,
    resource,
    subresource: asked.subResource ?? '',
    name: asked.name ?? '',
    namespace: asked.namespace ?? '',
    user: { username: '', groups: [], ...asked.userInfo },
    ...(object ? { object: object as T } : {}),
    ...(oldObject ? { oldObject: oldObject as T } : {}),
    isDryRun: asked.dryRun === true,
    options: asked.options ?? {},
  };
}

function responseTo(asked: Asked, answer: AdmissionAnswer): object {
  const { warnings, auditAnnotations } = answer;
  const remarks = {
    ...(warnings === undefined ? {} : { warnings }),
    ...(auditAnnotations === undefined ? {} : { auditAnnotations }),
  };
  const { uid } = asked;
  switch (answer.kind) {
    case 'allow':
      return { uid, allowed: true, ...remarks };
    case 'deny': {
      const { message, code, reason } = answer;
      const status = { message, ...(code && { code }), ...(reason && { reason }) };
      return { uid, allowed: false, status, ...remarks };
    }
    case 'change': {
      const patch = patchOf(asked, answer.object);
      return { uid, allowed: true, ...(patch === undefined ? {} : patch), ...remarks };
    }
  }
}

function patchOf({ object, operation }: Asked, changed: KubernetesObject): object | undefined {
  if (!object) throw new TypeError(`there is no object to be changed in a ${operation}`);
  const operations = jsonPatchBetween(object as JsonValue, changed as JsonValue);
  if (operations.length === 0) return undefined;
  const patch = Buffer.from(stringifyJson(operations)).toString('base64');
  return { patchType: 'JSONPatch', patch };
}

function reviewed({ apiVersion }: Review, response: object): HttpResponse {
  const body = stringifyJson({ kind: 'AdmissionReview', apiVersion, response });
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body),
  };
}
