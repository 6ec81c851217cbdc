import { hash } from 'node:crypto';
import { type Clock, messageOf } from '@fairway/host';
import { type Handler, type UserInfo, isJsonObject } from '@fairway/protocol';
import { askWebhook } from '../webhooks/ask-webhook.ts';
import {
  type TokenAuthentication,
  type TokenAuthenticator,
  rejected,
  unrecognised,
} from './authenticator.ts';
import { KeptAnswers } from '../webhooks/kept-answers.ts';

export interface WebhookTokenOptions {
  /** Leads to the webhook's URL whatever path a request has, and throws when it cannot be reached. */
  readonly send: Handler;
  readonly clock: Clock;
  /** Of the TokenReview that it is sent. */
  readonly version: 'v1' | 'v1beta1';
  /** How long an answer holds; zero: for its one question. */
  readonly ttlMs: number;
  /**
   * Of this server: for which a token must be good where nobody asks for others. None: for that of the webhook,
   * where that is the API server.
   */
  readonly audiences: () => readonly string[];
}

const name = 'the token webhook';
const timeoutMs = 10_000;
/** Answers that are kept; the oldest are let go of. */
const answersMax = 4096;
/** Questions at once; further tokens are refused. */
const questionsMax = 256;

/**
 * Authenticates by what another program says of a token, asked over HTTPS. Its answer holds for a while. One
 * that cannot be asked refuses the token, so that other proofs still count.
 *
 * Source: Kubernetes, webhook token authentication; authentication.k8s.io TokenReview.
 */
export function webhookTokenAuthenticator(options: WebhookTokenOptions): TokenAuthenticator {
  const answers = new KeptAnswers<TokenAuthentication>(options.clock, answersMax);
  const asking = new Map<string, Promise<TokenAuthentication>>();
  return (token, audiences) => {
    const wanted = audiences.length === 0 ? options.audiences() : audiences;
    // A digest, so that a dump of our memory holds no token.
    const key = hash('sha256', JSON.stringify([token, wanted]), 'base64url');
    const kept = answers.get(key);
    if (kept !== undefined) return Promise.resolve(kept);
    const known = asking.get(key);
    if (known !== undefined) return known;
    if (asking.size >= questionsMax) {
      const why = `${name} has questionsMax (${questionsMax}) questions to answer`;
      return Promise.resolve(rejected(why));
    }
    const question = ask(options, token, wanted)
      .then((answer) => {
        answers.keep(key, answer, options.ttlMs);
        return answer;
      })
      .catch((error: unknown) => rejected(messageOf(error)))
      .finally(() => asking.delete(key));
    asking.set(key, question);
    return question;
  };
}

async function ask(
  { send, clock, version }: WebhookTokenOptions,
  token: string,
  wanted: readonly string[],
): Promise<TokenAuthentication> {
  const review = {
    apiVersion: `authentication.k8s.io/${version}`,
    kind: 'TokenReview',
    metadata: {},
    spec: { token, audiences: wanted },
    status: { user: {} },
  };
  return judge(parse(await askWebhook({ name, send, clock, timeoutMs }, review)), wanted);
}

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    // Without the cause, which may show what the webhook repeats of the question.
    throw new Error(`${name} answered what is no JSON`);
  }
}

function judge(answer: unknown, wanted: readonly string[]): TokenAuthentication {
  const { kind, status } = isJsonObject(answer) ? answer : {};
  if (kind !== 'TokenReview' || !isJsonObject(status)) {
    throw new Error(`${name} answered something else than a TokenReview`);
  }
  if (status['authenticated'] !== true) {
    const { error } = status;
    return typeof error === 'string' && error !== '' ? rejected(error) : unrecognised;
  }
  const { audiences } = status;
  const good = isTexts(audiences) && audiences.length > 0 ? audiences : undefined;
  const fit = wanted.filter((each) => good?.includes(each) ?? true);
  if (fit.length === 0 && wanted.length > 0)
    return rejected(`the token is for others, as ${name} says`);
  const user = readUser(status['user']);
  if (user === undefined) throw new Error(`${name} named no user`);
  // A webhook that names none knows no audiences: then its tokens are for this server.
  if (good === undefined) return { kind: 'authenticated', user };
  return { kind: 'authenticated', user, audiences: wanted.length === 0 ? good : fit };
}

function readUser(value: unknown): UserInfo | undefined {
  const { username, uid, groups = [], extra = {} } = isJsonObject(value) ? value : {};
  if (typeof username !== 'string' || username === '') return undefined;
  if (!isTexts(groups ?? [])) return undefined;
  const extras = Object.entries(isJsonObject(extra) ? extra : {});
  if (!extras.every(([, values]) => isTexts(values))) return undefined;
  return {
    username,
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    groups: (groups ?? []) as readonly string[],
    ...(extras.length === 0
      ? {}
      : { extra: Object.fromEntries(extras) as Record<string, readonly string[]> }),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
