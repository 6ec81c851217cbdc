import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import { type HttpRequest, collectBody } from '@fairway/protocol';
import { describeTokenAuthenticator } from '../conformance.ts';
import { webhookTokenAuthenticator } from './webhook-token-authenticator.ts';

interface Review {
  readonly apiVersion: string;
  readonly spec: { readonly token: string; readonly audiences: readonly string[] };
}

const ann = { username: 'ann', uid: '7', groups: ['dev'], extra: { 'acme.com/a': ['b'] } };

/** A webhook that knows the token `good`, or answers what it is told. */
function open({ ttlMs = 120_000, version = 'v1' as const, says = undefined as unknown } = {}) {
  const clock = new ManualClock();
  const asked: Review[] = [];
  const state = { says, status: 200 };
  const send = async ({ body }: HttpRequest) => {
    const review = JSON.parse(Buffer.from(await collectBody(body)).toString()) as Review;
    asked.push(review);
    if (state.says === 'nothing') await new Promise(() => {});
    const isGood = review.spec.token === 'good';
    const status = isGood ? { authenticated: true, user: ann } : { authenticated: false };
    const answer = state.says ?? { ...review, status };
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return { status: state.status, headers: {}, body: Buffer.from(text) };
  };
  const audiences = (): readonly string[] => ['fairway'];
  const authenticate = webhookTokenAuthenticator({ send, clock, version, ttlMs, audiences });
  return Object.assign(state, { clock, asked, authenticate });
}

describeTokenAuthenticator('webhookTokenAuthenticator()', () => ({
  authenticator: open().authenticate,
  goodToken: 'good',
  audience: 'fairway',
}));

test('webhookTokenAuthenticator() asks once, and again when the answer is old', async () => {
  const webhook = open();
  const ask = () => webhook.authenticate('good', []);
  const proof = { kind: 'authenticated', user: ann };
  deepEqual(await Promise.all([ask(), ask()]), [proof, proof]);
  equal((await webhook.authenticate('bad', [])).kind, 'unrecognised');
  equal((await webhook.authenticate('bad', [])).kind, 'unrecognised');
  equal(webhook.asked.length, 2);
  deepEqual(webhook.asked[0]?.spec, { token: 'good', audiences: ['fairway'] });
  await webhook.clock.advance(120_000);
  await ask();
  equal(webhook.asked.length, 3);
  await webhook.authenticate('good', ['other']);
  equal(webhook.asked.length, 4);
});

test('webhookTokenAuthenticator() takes the audiences that the webhook names', async () => {
  const answer = (audiences: readonly string[]): object => {
    return { kind: 'TokenReview', status: { authenticated: true, user: ann, audiences } };
  };
  const webhook = open({ ttlMs: 0, says: answer(['a', 'b']) });
  deepEqual(await webhook.authenticate('t', ['b', 'c']), {
    kind: 'authenticated',
    user: ann,
    audiences: ['b'],
  });
  equal((await webhook.authenticate('t', [])).kind, 'rejected');
});

for (const [says, why] of [
  ['{"secret', /^the token webhook answered what is no JSON$/],
  [{ kind: 'Status' }, /something else than a TokenReview/],
  [{ kind: 'TokenReview', status: { error: 'expired' } }, /^expired$/],
  [{ kind: 'TokenReview', status: { authenticated: true } }, /named no user/],
  [
    { kind: 'TokenReview', status: { authenticated: true, user: { username: 'a', groups: 'g' } } },
    /named no user/,
  ],
  [
    {
      kind: 'TokenReview',
      status: { authenticated: true, user: { username: 'a', extra: { k: 1 } } },
    },
    /named no user/,
  ],
  ['x'.repeat(1024 * 1024 + 1), /responseBytesMax/],
] as const) {
  test(`webhookTokenAuthenticator() refuses the token when the answer is ${JSON.stringify(says).slice(0, 70)}`, async () => {
    const outcome = await open({ says }).authenticate('good', []);
    ok(outcome.kind === 'rejected');
    match(outcome.why, why);
  });
}

test('webhookTokenAuthenticator() keeps no failure, and waits ten seconds', async () => {
  const webhook = open();
  webhook.status = 500;
  equal((await webhook.authenticate('good', [])).kind, 'rejected');
  webhook.status = 200;
  equal((await webhook.authenticate('good', [])).kind, 'authenticated');
  webhook.says = 'nothing';
  const late = webhook.authenticate('other', []);
  await webhook.clock.advance(10_000);
  deepEqual(await late, {
    kind: 'rejected',
    why: 'the token webhook gave no answer within 10 s',
  });
  equal(webhook.clock.pending, 0);
});

test('webhookTokenAuthenticator() asks 256 questions at once', async () => {
  const webhook = open({ says: 'nothing' });
  for (let at = 0; at < 256; at++) void webhook.authenticate(`t${at}`, []);
  const outcome = await webhook.authenticate('one more', []);
  ok(outcome.kind === 'rejected');
  match(outcome.why, /questionsMax \(256\)/);
  await settle();
  equal(webhook.asked.length, 256);
});

test('webhookTokenAuthenticator() keeps 4096 answers, and lets go of the oldest', async () => {
  const webhook = open();
  for (let at = 0; at <= 4096; at++) await webhook.authenticate(`t${at}`, []);
  await webhook.authenticate('t1', []);
  equal(webhook.asked.length, 4097);
  await webhook.authenticate('t0', []);
  equal(webhook.asked.length, 4098);
});
