import { type Clock, timeLimit } from '@fairway/host';
import {
  type HttpResponse,
  collectBody,
  decodeJson,
  headerOf,
  parseMediaType,
} from '@fairway/protocol';
import type { Dial } from '../../calls/dial.ts';
import { typeMetaProblem } from '../../calls/type-meta-problem.ts';
import { bodyLimits } from '../../storage/object-limits.ts';
import {
  type ShownRequest,
  type Verdict,
  readVerdict,
  reviewVersion,
  writeReview,
} from './admission-review.ts';
import { CallFailure, notInTime } from './call-failure.ts';
import { connectionWords } from './connection-words.ts';
import type { Hook } from './hooks.ts';
import { refusedAnswer } from './refused-answer.ts';

export interface CallParts {
  readonly dial?: Dial;
  readonly clock: Clock;
}

/** Of an answer: a patch that writes a whole object anew, in base64, and what is said beside it. */
const answerBytesMax = 8 * 1024 * 1024;
/** As a configuration that says nothing has it. */
const timeoutSecondsDefault = 10;

/**
 * Asks a webhook about a request.
 *
 * Errors: `CallFailure` when it is not reached, does not answer in time, or answers something else than a
 * review; Timeout `ApiError` when nobody waits any more for what comes of the request.
 */
export async function callWebhook(
  { webhook, endpoint }: Hook,
  request: ShownRequest,
  {
    uid,
    isMutating,
    parts,
  }: { readonly uid: string; readonly isMutating: boolean; readonly parts: CallParts },
): Promise<Verdict> {
  const { name, admissionReviewVersions, timeoutSeconds = timeoutSecondsDefault } = webhook;
  const version = reviewVersion(admissionReviewVersions);
  if (version === undefined) {
    const why = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)';
    throw new CallFailure(name, `could not create admission objects: ${why}`);
  }
  const url = `${endpoint.url}?timeout=${timeoutSeconds}s`;
  const failed = (why: string, cause?: unknown): CallFailure =>
    new CallFailure(name, `failed to call webhook: ${why}`, { cause });
  const body = writeReview(request, { uid, version });
  const { signal } = request;
  const late = (): Error => new Error('context deadline exceeded');
  using limit = timeLimit(parts.clock, timeoutSeconds * 1_000, { late, signal });
  try {
    const asked = exchange(parts, endpoint, { body, timeoutSeconds, signal: limit.signal });
    const answer = readAnswer(await untilAborted(asked, limit.signal), version);
    const verdict = readVerdict(answer, { uid, version, isMutating });
    if (typeof verdict === 'string') throw new CallFailure(name, verdict);
    return verdict;
  } catch (cause) {
    if (signal.aborted) throw notInTime(cause);
    if (cause instanceof CallFailure) throw cause;
    if (cause instanceof UnusableAnswer) throw failed(cause.message, cause);
    throw failed(`Post "${url}": ${connectionWords(cause, endpoint.endpoint)}`, cause);
  }
}

/** A webhook that was reached, and answered something else than a review. */
class UnusableAnswer extends Error {}

interface Answer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly bytes: Uint8Array;
}

async function exchange(
  { dial }: CallParts,
  { endpoint, path }: Hook['endpoint'],
  sent: {
    readonly body: Uint8Array;
    readonly timeoutSeconds: number;
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  if (dial?.webhook === undefined) {
    throw new UnusableAnswer('this server has no way to webhooks');
  }
  const { status, headers, body } = await dial.webhook(endpoint)({
    method: 'POST',
    path,
    query: `timeout=${sent.timeoutSeconds}s`,
    headers: {
      accept: 'application/json, */*',
      'content-type': 'application/json',
      'user-agent': 'kube-apiserver-admission',
    },
    body: sent.body,
    signal: sent.signal,
  });
  const tooLong = (): Error =>
    new UnusableAnswer(`the answer is longer than answerBytesMax (${answerBytesMax})`);
  return { status, headers, bytes: await collectBody(body, { bytesMax: answerBytesMax, tooLong }) };
}

/** Also where who is asked does not mind the signal. */
async function untilAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A review of the version that was asked for. Errors: `UnusableAnswer`. */
function readAnswer({ status, headers, bytes }: Answer, version: string): unknown {
  const type = headerOf(headers, 'content-type') ?? '';
  if (status < 200 || status > 206) {
    const isText = type === '' || parseMediaType(type)?.type.startsWith('text/') === true;
    throw new UnusableAnswer(refusedAnswer(status, { bytes, isText }));
  }
  if (bytes.length === 0) {
    throw new UnusableAnswer(
      `0-length response with status code: ${status} and content type: ${type}`,
    );
  }
  const json = decodeJson(bytes, bodyLimits);
  if (json.kind === 'too large') throw new UnusableAnswer(`the answer has ${json.problem}`);
  const problem = json.kind === 'malformed' ? json.problem : typeMetaProblem(json.value);
  if (problem !== undefined || json.kind === 'malformed') {
    throw new UnusableAnswer(`couldn't get version/kind; json parse error: ${problem}`);
  }
  const review = json.value as { readonly apiVersion?: string; readonly kind?: string };
  requireReview(review, version);
  return review;
}

const scheme = 'k8s.io/apiserver/pkg/util/webhook/client.go:71';

function requireReview(
  { apiVersion = '', kind = '' }: { readonly apiVersion?: string; readonly kind?: string },
  version: string,
): void {
  const wanted = `admission.k8s.io/${version}`;
  if (apiVersion === wanted && kind === 'AdmissionReview') return;
  const isReview =
    kind === 'AdmissionReview' && /^admission\.k8s\.io\/v1(beta1)?$/.test(apiVersion);
  if (isReview) {
    const given = apiVersion.slice('admission.k8s.io/'.length);
    throw new UnusableAnswer(
      `converting (${given}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`,
    );
  }
  if (apiVersion === '' || kind === '') {
    throw new UnusableAnswer(
      `expected webhook response of ${wanted}, Kind=AdmissionReview, got ${apiVersion === '' ? '/' : apiVersion}, Kind=${kind}`,
    );
  }
  throw new UnusableAnswer(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(scheme)}`,
  );
}
