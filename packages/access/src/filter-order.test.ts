import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Handler, HttpResponse } from '@fairway/protocol';
import { ManualClock } from '@fairway/host/testing';
import { enforceDeadline, limitInFlight } from '@fairway/serving';
import { withAnonymous } from './authentication/anonymous-access.ts';
import { authenticate } from './authentication/authenticate.ts';
import type {
  AuthenticatedRequest,
  AuthorizedRequest,
  Next,
  TargetedRequest,
} from './authenticated-request.ts';
import { unrecognised } from './authentication/authenticator.ts';
import { authorize } from './authorization/authorize.ts';
import { describeTarget } from './describe-target.ts';
import { impersonate } from './impersonation/impersonate.ts';

const answer: Handler<AuthorizedRequest> = async ({ user }) => ({
  status: 200,
  headers: {},
  body: Buffer.from(user.username),
});
const nobody = withAnonymous(async () => unrecognised);
const allowed = { kind: 'allow', reason: '' } as const;
const request = {
  method: 'GET',
  path: '/healthz',
  query: '',
  headers: {},
  body: undefined,
  signal: new AbortController().signal,
};

test('the filters compose to a Handler in the one order that is safe', async () => {
  const handler: Handler = describeTarget(
    authenticate(
      nobody,
      authorize(() => allowed, answer),
    ),
  );
  const response = await handler(request);
  equal(String(response.body), 'system:anonymous');
});

test('authorize() before authenticate() does not compile', () => {
  const swapped: Handler = describeTarget(
    // @ts-expect-error authorize needs to know who asks
    authorize(
      () => allowed,
      // @ts-expect-error what answers needs to know why it may
      authenticate(nobody, answer),
    ),
  );
  equal(typeof swapped, 'function');
});

test('answering without authorize() does not compile', () => {
  // @ts-expect-error nobody has decided whether it may be answered
  const open: Next<AuthenticatedRequest, HttpResponse> = answer;
  equal(typeof open, 'function');
});

test('a limit on watches above describeTarget(), or on those of a user above authenticate(), does not compile', () => {
  const isWatch = ({ target }: TargetedRequest): boolean => target.verb === 'watch';
  const handler: Handler = async () => ({ status: 200, headers: {}, body: undefined });
  const clock = new ManualClock();
  // @ts-expect-error nobody has said what the request is aimed at
  const early: Handler = enforceDeadline({ clock, isLongRunning: isWatch }, handler);
  const keyOf = ({ user }: AuthenticatedRequest): string => user.username;
  const limited = limitInFlight({ what: 'watches', requestsMax: 1, keyOf }, handler);
  // @ts-expect-error nobody knows who asks
  const anonymous: Handler = describeTarget(limited);
  equal(typeof early, typeof anonymous);
});

test('what was decided stays with the request', async () => {
  const decided = { kind: 'allow', reason: 'because' } as const;
  const ann = { username: 'ann', groups: [] };
  const seen: AuthorizedRequest[] = [];
  const handler = describeTarget(
    authenticate(
      async () => ({ kind: 'authenticated', user: ann }),
      impersonate(
        () => decided,
        authorize(
          () => decided,
          async (each) => void seen.push(each),
        ),
      ),
    ),
  );
  await handler({ ...request, headers: { 'impersonate-user': 'bob' } });
  await handler(request);
  deepEqual(
    seen.map(({ user, impersonatedBy, decision }) => [
      user.username,
      impersonatedBy?.username,
      decision.reason,
    ]),
    [
      ['bob', 'ann', 'because'],
      ['ann', undefined, 'because'],
    ],
  );
});

test('authenticate() without describeTarget() does not compile', () => {
  // @ts-expect-error the target is missing
  const untargeted: Handler = authenticate(nobody, answer);
  equal(typeof untargeted, 'function');
});
