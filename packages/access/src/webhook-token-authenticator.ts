import { hash } from 'node:crypto';
import type { Clock } from '@fairway/host';
import {
  type Handler,
  type HttpResponse,
  type UserInfo,
  collectBody,
  isJsonObject,
} from '@fairway/protocol';
import { answerInTime } from './answer-in-time.ts';
import {
  type TokenAuthentication,
  type TokenAuthenticator,
  rejected,
  unrecognised,
} from './authenticator.ts';
import { postReview } from './post-review.ts';

export interface WebhookTokenOptions {
  /** Leads to the webhook's URL whatever path a request has, and throws when it cannot be reached. */
  readonly send: Handler;
  readonly clock: Clock;
  /** Of the TokenReview that it is sent. */
  readonly version: 'v1' | 'v1beta1';
  /** How long an answer holds; zero: for its one question. */
  readonly ttlMs: number;
  /** Of this server: for which a token must be good where nobody asks for others. */
  readonly audiences: () => readonly string[];
}

const timeoutMs = 10_000;
const responseBytesMax = 1024 * 1024;
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
  const answers = new KeptAnswers(options);
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
      const why = `the token webhook has questionsMax (${questionsMax}) questions to answer`;
      return Promise.resolve(rejected(why));
    }
    const question = ask(options, token, wanted)
      .then((answer) => answers.keep(key, answer))
      .catch((error: unknown) => rejected(error instanceof Error ? error.message : String(error)))
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
  const lateMessage = `the token webhook gave no answer within ${timeoutMs / 1_000} s`;
  return answerInTime({ clock, timeoutMs, lateMessage }, async (signal) =>
    judge(await readAnswer(await postReview(send, review, signal)), wanted),
  );
}

async function readAnswer({ status, body }: HttpResponse): Promise<unknown> {
  const tooLong = (): Error =>
    new Error(`the token webhook answered more than responseBytesMax (${responseBytesMax})`);
  const bytes = await collectBody(body, { bytesMax: responseBytesMax, tooLong });
  if (status < 200 || status > 299) {
    throw new Error(`the token webhook answered with status ${status}`);
  }
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // Without the cause, which may show what the webhook repeats of the question.
    throw new Error('the token webhook answered what is no JSON');
  }
}

function judge(answer: unknown, wanted: readonly string[]): TokenAuthentication {
  const { kind, status } = isJsonObject(answer) ? answer : {};
  if (kind !== 'TokenReview' || !isJsonObject(status)) {
    throw new Error('the token webhook answered something else than a TokenReview');
  }
  if (status['authenticated'] !== true) {
    const { error } = status;
    return typeof error === 'string' && error !== '' ? rejected(error) : unrecognised;
  }
  const { audiences } = status;
  const good = isTexts(audiences) && audiences.length > 0 ? audiences : undefined;
  const fit = wanted.filter((each) => good?.includes(each) ?? true);
  if (fit.length === 0) return rejected('the token is for others, as the token webhook says');
  const user = readUser(status['user']);
  if (user === undefined) throw new Error('the token webhook named no user');
  // A webhook that names none knows no audiences: then its tokens are for this server.
  return { kind: 'authenticated', user, ...(good === undefined ? {} : { audiences: fit }) };
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

/** What the webhook has answered, by question, oldest first. */
class KeptAnswers {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #kept = new Map<
    string,
    { readonly answer: TokenAuthentication; readonly endMs: number }
  >();

  constructor({ clock, ttlMs }: WebhookTokenOptions) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  get(key: string): TokenAuthentication | undefined {
    const found = this.#kept.get(key);
    if (found === undefined || found.endMs > this.#clock.elapsed()) return found?.answer;
    this.#kept.delete(key);
    return undefined;
  }

  keep(key: string, answer: TokenAuthentication): TokenAuthentication {
    if (this.#ttlMs > 0) {
      this.#kept.set(key, { answer, endMs: this.#clock.elapsed() + this.#ttlMs });
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > answersMax && oldest !== undefined) this.#kept.delete(oldest);
    }
    return answer;
  }
}
