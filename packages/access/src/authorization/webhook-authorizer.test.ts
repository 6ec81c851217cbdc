import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import { type Handler, type HttpRequest, type RequestTarget, collectBody } from '@fairway/protocol';
import type { AccessAttributes } from './authorizer.ts';
import { compileMatchConditions, unconditional } from './match-conditions.ts';
import { type WebhookAuthorizerOptions, webhookAuthorizer } from './webhook-authorizer.ts';

const target: RequestTarget = {
  isResource: true,
  verb: 'list',
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  subresource: '',
  namespace: 'a',
  name: '',
  rest: '',
};
const bob = { username: 'bob', uid: '7', groups: ['dev'], extra: { k: ['v'] } };
const ask: AccessAttributes = { user: bob, target };

/** A webhook that answers these statuses in turn, the last one for ever, and notes what it was asked. */
function webhook(...answers: readonly unknown[]) {
  const asked: HttpRequest[] = [];
  const send: Handler = async (request) => {
    asked.push(request);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    if (answer === 'silence') return new Promise<never>(() => {});
    if (typeof answer === 'number') return { status: answer, headers: {}, body: undefined };
    const review = { kind: 'SubjectAccessReview', status: answer };
    const text = typeof answer === 'string' ? answer : JSON.stringify(review);
    return { status: 201, headers: {}, body: Buffer.from(text) };
  };
  return { send, asked };
}

function open(send: Handler, options: Partial<WebhookAuthorizerOptions> = {}) {
  const clock = new ManualClock();
  const mode = webhookAuthorizer({
    send,
    clock,
    version: 'v1',
    timeoutMs: 3_000,
    authorizedTtlMs: 300_000,
    unauthorizedTtlMs: 30_000,
    failurePolicy: 'NoOpinion',
    conditions: unconditional,
    ...options,
  });
  return { clock, mode, decide: async (question = ask) => mode.authorize(question) };
}

async function bodyOf(
  request: HttpRequest | undefined,
): Promise<{ readonly apiVersion: string; readonly spec: unknown }> {
  const text = Buffer.from(await collectBody(request?.body)).toString();
  return JSON.parse(text) as { apiVersion: string; spec: unknown };
}

test('webhookAuthorizer() asks what the request is, with its selectors', async () => {
  const { send, asked } = webhook({ allowed: true });
  const { decide } = open(send);
  await decide({
    user: bob,
    target: {
      ...target,
      fieldSelector: [
        { field: 'metadata.name', isEqual: true, value: 'x' },
        { field: 'f', isEqual: false, value: '' },
      ],
      labelSelector: [
        { key: 'a', operator: '=', values: ['b'] },
        { key: 'n', operator: '>', values: ['1'] },
        { key: 'o', operator: 'absent', values: [] },
      ],
    },
  });
  deepEqual(await bodyOf(asked[0]), {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {
      resourceAttributes: {
        namespace: 'a',
        verb: 'list',
        group: 'apps',
        version: 'v1',
        resource: 'deployments',
        fieldSelector: {
          requirements: [
            { key: 'metadata.name', operator: 'In', values: ['x'] },
            { key: 'f', operator: 'NotIn', values: [''] },
          ],
        },
        labelSelector: {
          requirements: [
            { key: 'a', operator: 'In', values: ['b'] },
            { key: 'o', operator: 'DoesNotExist' },
          ],
        },
      },
      user: 'bob',
      groups: ['dev'],
      extra: { k: ['v'] },
      uid: '7',
    },
    status: { allowed: false },
  });
});

test('webhookAuthorizer() speaks the first beta, which calls groups by another name', async () => {
  const { send, asked } = webhook({ allowed: true });
  const { decide } = open(send, { version: 'v1beta1' });
  const path: RequestTarget = { isResource: false, verb: 'get', path: '/metrics' };
  await decide({ user: { username: 'bob', groups: ['dev'] }, target: path });
  const { apiVersion, spec } = await bodyOf(asked[0]);
  equal(apiVersion, 'authorization.k8s.io/v1beta1');
  const nonResourceAttributes = { path: '/metrics', verb: 'get' };
  deepEqual(spec, { nonResourceAttributes, user: 'bob', group: ['dev'] });
});

test('webhookAuthorizer() takes the answer as it is', async () => {
  for (const [status, kind] of [
    [{ allowed: true }, 'allow'],
    [{ allowed: false }, 'noOpinion'],
    [{}, 'noOpinion'],
    [{ allowed: false, denied: true }, 'deny'],
    [{ allowed: 'true' }, 'noOpinion'],
  ] as const) {
    const { decide } = open(webhook({ ...status, reason: 'why' }).send);
    deepEqual(await decide(), { kind, reason: 'why' });
  }
  const { kind, evaluationError } = await open(
    webhook({ allowed: true, denied: true }).send,
  ).decide();
  deepEqual([kind, /both allow and deny/.test(evaluationError ?? '')], ['deny', true]);
});

test('webhookAuthorizer() keeps answers for their time, each for its question', async () => {
  const { send, asked } = webhook({ allowed: true }, { allowed: false }, { allowed: true });
  const { clock, decide } = open(send);
  const other = { user: bob, target: { ...target, verb: 'get' } };
  for (const [question, afterMs, kind, count] of [
    [ask, 0, 'allow', 1],
    [ask, 299_999, 'allow', 1],
    [ask, 1, 'noOpinion', 2],
    [ask, 29_999, 'noOpinion', 2],
    [other, 0, 'allow', 3],
    [ask, 1, 'allow', 4],
  ] as const) {
    await clock.advance(afterMs);
    equal((await decide(question)).kind, kind);
    equal(asked.length, count);
  }
  const long = { user: { ...bob, username: 'b'.repeat(20_000) }, target };
  await decide(long);
  await decide(long);
  equal(asked.length, 6);
});

test('webhookAuthorizer() does by its policy what a webhook does not answer', async () => {
  for (const [failurePolicy, kind] of [
    ['NoOpinion', 'noOpinion'],
    ['Deny', 'deny'],
  ] as const) {
    for (const [answer, why] of [
      [new Error('no route'), /no route/],
      [500, /status 500/],
      [302, /status 302/],
      ['<html>', /no JSON/],
      ['{"kind":"Status"}', /something else than a SubjectAccessReview/],
      ['x'.repeat(2 * 1024 * 1024), /responseBytesMax/],
    ] as const) {
      const { send, asked } = webhook(answer);
      const { decide } = open(send, { failurePolicy });
      const decision = await decide();
      equal(decision.kind, kind);
      match(decision.evaluationError ?? '', why);
      await decide();
      equal(asked.length, 2, 'a failure is not kept');
    }
  }
});

test('webhookAuthorizer() waits no longer than its timeout, and tells the connection', async () => {
  const { send, asked } = webhook('silence');
  const { clock, decide } = open(send, { failurePolicy: 'Deny' });
  const decision = decide();
  await settle();
  await clock.advance(2_999);
  equal(asked[0]?.signal.aborted, false);
  await clock.advance(1);
  match((await decision).evaluationError ?? '', /no answer within 3 s/);
  equal(asked[0]?.signal.aborted, true);
  equal(clock.pending, 0);
});

test('webhookAuthorizer() asks only about what its conditions name', async () => {
  for (const [expressions, kind, count] of [
    [["request.resourceAttributes.namespace == 'a'"], 'allow', 1],
    [["request.user == 'eve'"], 'noOpinion', 0],
    [['has(request.nonResourceAttributes)'], 'noOpinion', 0],
    [["request.nonResourceAttributes.path == '/'", "request.user == 'eve'"], 'noOpinion', 0],
    [["request.nonResourceAttributes.path == '/'"], 'deny', 0],
    [["'dev' in request.groups", "request.extra['k'].exists(v, v == 'v')"], 'allow', 1],
    [
      [
        "request.resourceAttributes.subresource == '' && !has(request.resourceAttributes.fieldSelector)",
      ],
      'allow',
      1,
    ],
  ] as const) {
    const { conditions, problems } = await compileMatchConditions(expressions);
    deepEqual(problems, []);
    const { send, asked } = webhook({ allowed: true });
    const { decide } = open(send, { failurePolicy: 'Deny', conditions });
    equal((await decide()).kind, kind, expressions.join());
    equal(asked.length, count, expressions.join());
  }
  const { problems } = await compileMatchConditions([
    'request.user',
    'request.',
    "request.user == 'a'",
  ]);
  deepEqual(
    problems.map(({ index }) => index),
    [0, 1],
  );
  match(problems[0]?.why ?? '', /must evaluate to bool/);
});

test('webhookAuthorizer() cannot tell what all somebody may do', () => {
  const { mode } = open(webhook({ allowed: true }).send);
  deepEqual(mode.rulesFor(bob, 'a'), {
    rules: [],
    errors: ['webhook authorizer does not support user rule resolution'],
    isIncomplete: true,
  });
});
