import { hash } from 'node:crypto';
import { messageOf } from '@fairway/host';
import { isJsonObject, parseJson } from '@fairway/protocol';
import { type AskedWebhook, askWebhook } from '../webhooks/ask-webhook.ts';
import type { AuthorizationMode } from './authorization-mode.ts';
import type { AccessAttributes, Decision } from './authorizer.ts';
import { KeptAnswers } from '../webhooks/kept-answers.ts';
import type { MatchConditions } from './match-conditions.ts';
import { type ReviewSpec, reviewSpecOf } from './review-spec.ts';

export interface WebhookAuthorizerOptions extends Omit<AskedWebhook, 'name'> {
  /** Of the SubjectAccessReview that it is sent. */
  readonly version: 'v1' | 'v1beta1';
  /** How long an answer holds; zero: for its one question. */
  readonly authorizedTtlMs: number;
  readonly unauthorizedTtlMs: number;
  /** What a webhook that does not answer counts as. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  readonly conditions: MatchConditions;
}

const answersMax = 8192;
/** Names and reasons longer than this are nobody's; what holds them is not kept. */
const keptCharactersMax = 10_000;

/**
 * The mode `Webhook`: another program decides, over HTTPS. What it answered holds for a while.
 *
 * Source: Kubernetes, webhook mode; authorization.k8s.io SubjectAccessReview.
 */
export function webhookAuthorizer(options: WebhookAuthorizerOptions): AuthorizationMode {
  const { clock, failurePolicy, conditions, authorizedTtlMs, unauthorizedTtlMs } = options;
  const answers = new KeptAnswers<Decision>(clock, answersMax);
  const failed = (evaluationError: string): Decision => {
    return { kind: failurePolicy === 'Deny' ? 'deny' : 'noOpinion', reason: '', evaluationError };
  };
  const authorize = async (attributes: AccessAttributes): Promise<Decision> => {
    const spec = reviewSpecOf(attributes);
    const matching = conditions(spec);
    if (matching.kind === 'unmatched') return { kind: 'noOpinion', reason: '' };
    if (matching.kind === 'failed') return failed(matching.errors.join(', '));
    const key = keyOf(spec);
    const kept = key === undefined ? undefined : answers.get(key);
    if (kept !== undefined) return kept;
    try {
      const decision = await ask(options, spec);
      if (key !== undefined && decision.reason.length <= keptCharactersMax) {
        const ttlMs = decision.kind === 'allow' ? authorizedTtlMs : unauthorizedTtlMs;
        answers.keep(key, decision, ttlMs);
      }
      return decision;
    } catch (error) {
      return failed(messageOf(error));
    }
  };
  const why = 'webhook authorizer does not support user rule resolution';
  return { authorize, rulesFor: () => ({ rules: [], errors: [why], isIncomplete: true }) };
}

/** A digest; undefined for a question that is too long to be kept. */
function keyOf(spec: ReviewSpec): string | undefined {
  const text = JSON.stringify(spec);
  return text.length > keptCharactersMax ? undefined : hash('sha256', text, 'base64url');
}

const name = 'the authorization webhook';

async function ask(
  { version, ...webhook }: WebhookAuthorizerOptions,
  spec: ReviewSpec,
): Promise<Decision> {
  const review = {
    kind: 'SubjectAccessReview',
    apiVersion: `authorization.k8s.io/${version}`,
    metadata: {},
    spec: wireSpec(spec, version),
    status: { allowed: false },
  };
  return decisionOf(parse(await askWebhook({ ...webhook, name }, review)));
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

function parse(answer: string): unknown {
  try {
    return parseJson(answer);
  } catch (cause) {
    throw new Error(`${name} answered what is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function decisionOf(answer: unknown): Decision {
  if (!isJsonObject(answer) || answer['kind'] !== 'SubjectAccessReview') {
    throw new Error(`${name} answered something else than a SubjectAccessReview`);
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
