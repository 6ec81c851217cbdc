import { hash } from 'node:crypto';
import type { Clock } from '@fairway/host';
import {
  type Handler,
  type HttpResponse,
  collectBody,
  isJsonObject,
  parseJson,
} from '@fairway/protocol';
import { answerInTime } from './answer-in-time.ts';
import type { AuthorizationMode } from './authorization-mode.ts';
import type { AccessAttributes, Decision } from './authorizer.ts';
import type { MatchConditions } from './match-conditions.ts';
import { postReview } from './post-review.ts';
import { type ReviewSpec, reviewSpecOf } from './review-spec.ts';

export interface WebhookAuthorizerOptions {
  /** Leads to the webhook's URL whatever path a request has, and throws when it cannot be reached. */
  readonly send: Handler;
  readonly clock: Clock;
  /** Of the SubjectAccessReview that it is sent. */
  readonly version: 'v1' | 'v1beta1';
  readonly timeoutMs: number;
  /** How long an answer holds; zero: for its one question. */
  readonly authorizedTtlMs: number;
  readonly unauthorizedTtlMs: number;
  /** What a webhook that does not answer counts as. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  readonly conditions: MatchConditions;
}

/** Of an answer, which repeats the question. */
const responseBytesMax = 1024 * 1024;
const answersMax = 8192;
/** Names and reasons longer than this are nobody's; what holds them is not kept. */
const keptCharactersMax = 10_000;

/**
 * The mode `Webhook`: another program decides, over HTTPS. What it answered holds for a while.
 *
 * Source: Kubernetes, webhook mode; authorization.k8s.io SubjectAccessReview.
 */
export function webhookAuthorizer(options: WebhookAuthorizerOptions): AuthorizationMode {
  const { failurePolicy, conditions } = options;
  const answers = new KeptAnswers(options);
  const failed = (evaluationError: string): Decision => {
    return { kind: failurePolicy === 'Deny' ? 'deny' : 'noOpinion', reason: '', evaluationError };
  };
  const authorize = async (attributes: AccessAttributes): Promise<Decision> => {
    const spec = reviewSpecOf(attributes);
    const matching = conditions(spec);
    if (matching.kind === 'unmatched') return { kind: 'noOpinion', reason: '' };
    if (matching.kind === 'failed') return failed(matching.errors.join(', '));
    const key = answers.keyOf(spec);
    const kept = answers.get(key);
    if (kept !== undefined) return kept;
    try {
      const decision = await ask(options, spec);
      answers.keep(key, decision);
      return decision;
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  };
  const why = 'webhook authorizer does not support user rule resolution';
  return { authorize, rulesFor: () => ({ rules: [], errors: [why], isIncomplete: true }) };
}

async function ask(
  { send, clock, version, timeoutMs }: WebhookAuthorizerOptions,
  spec: ReviewSpec,
): Promise<Decision> {
  const review = {
    kind: 'SubjectAccessReview',
    apiVersion: `authorization.k8s.io/${version}`,
    metadata: {},
    spec: wireSpec(spec, version),
    status: { allowed: false },
  };
  const lateMessage = `the authorization webhook gave no answer within ${timeoutMs / 1_000} s`;
  return answerInTime({ clock, timeoutMs, lateMessage }, async (signal) =>
    decisionOf(await readAnswer(await postReview(send, review, signal))),
  );
}

/** What is empty is left out, and the first beta called groups by another name. */
function wireSpec(spec: ReviewSpec, version: 'v1' | 'v1beta1'): object {
  const { groups, uid, extra, user, resourceAttributes, nonResourceAttributes } = spec;
  return {
    ...(resourceAttributes === undefined ? {} : { resourceAttributes: filled(resourceAttributes) }),
    ...(nonResourceAttributes === undefined ? {} : { nonResourceAttributes }),
    user,
    ...(groups.length === 0 ? {} : { [version === 'v1' ? 'groups' : 'group']: groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
    ...(uid === '' ? {} : { uid }),
  };
}

function filled(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== ''));
}

async function readAnswer({ status, body }: HttpResponse): Promise<unknown> {
  const tooLong = (): Error =>
    new Error(
      `the authorization webhook answered more than responseBytesMax (${responseBytesMax})`,
    );
  const bytes = await collectBody(body, { bytesMax: responseBytesMax, tooLong });
  if (status < 200 || status > 299) {
    throw new Error(`the authorization webhook answered with status ${status}`);
  }
  try {
    return parseJson(Buffer.from(bytes).toString());
  } catch (cause) {
    const why = (cause as Error).message;
    throw new Error(`the authorization webhook answered what is no JSON: ${why}`, { cause });
  }
}

function decisionOf(answer: unknown): Decision {
  if (!isJsonObject(answer) || answer['kind'] !== 'SubjectAccessReview') {
    throw new Error('the authorization webhook answered something else than a SubjectAccessReview');
  }
  const { status } = answer;
  const { allowed, denied, reason: said } = isJsonObject(status) ? status : {};
  const reason = typeof said === 'string' ? said : '';
  if (denied === true && allowed === true) {
    const both = 'webhook subject access review returned both allow and deny response';
    return { kind: 'deny', reason, evaluationError: both };
  }
  return { kind: denied === true ? 'deny' : allowed === true ? 'allow' : 'noOpinion', reason };
}

/** Answers that still hold, by a digest of their questions. */
class KeptAnswers {
  readonly #options: Pick<
    WebhookAuthorizerOptions,
    'clock' | 'authorizedTtlMs' | 'unauthorizedTtlMs'
  >;
  /** The one kept longest first. */
  readonly #answers = new Map<string, { readonly decision: Decision; readonly endsMs: number }>();

  constructor(options: WebhookAuthorizerOptions) {
    this.#options = options;
  }

  /** Undefined for a question that is too long to be kept. */
  keyOf(spec: ReviewSpec): string | undefined {
    const text = JSON.stringify(spec);
    return text.length > keptCharactersMax ? undefined : hash('sha256', text, 'base64url');
  }

  get(key: string | undefined): Decision | undefined {
    const kept = key === undefined ? undefined : this.#answers.get(key);
    if (key === undefined || kept === undefined) return undefined;
    if (kept.endsMs > this.#options.clock.elapsed()) return kept.decision;
    this.#answers.delete(key);
    return undefined;
  }

  keep(key: string | undefined, decision: Decision): void {
    if (key === undefined || decision.reason.length > keptCharactersMax) return;
    const { clock, authorizedTtlMs, unauthorizedTtlMs } = this.#options;
    const ttlMs = decision.kind === 'allow' ? authorizedTtlMs : unauthorizedTtlMs;
    if (ttlMs === 0) return;
    this.#answers.delete(key);
    this.#answers.set(key, { decision, endsMs: clock.elapsed() + ttlMs });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > answersMax && oldest !== undefined) this.#answers.delete(oldest);
  }
}
