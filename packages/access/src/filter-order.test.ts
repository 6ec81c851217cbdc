import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Handler, HttpResponse } from '@fairway/protocol';
import { authenticate } from './authenticate.ts';
import type { AuthenticatedRequest, Next } from './authenticated-request.ts';
import { unrecognised } from './authenticator.ts';
import { authorize } from './authorize.ts';
import { describeTarget } from './describe-target.ts';

const answer: Handler<AuthenticatedRequest> = async ({ user }) => ({
  status: 200,
  headers: {},
  body: Buffer.from(user.username),
});
const nobody = async (): Promise<typeof unrecognised> => unrecognised;
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
  const inner: Next<AuthenticatedRequest, HttpResponse> = answer;
  // @ts-expect-error authorize hands on a request that nobody targeted for authenticate's user
  const swapped: Handler = describeTarget(authorize(() => allowed, authenticate(nobody, inner)));
  equal(typeof swapped, 'function');
});

test('authenticate() without describeTarget() does not compile', () => {
  // @ts-expect-error the target is missing
  const untargeted: Handler = authenticate(nobody, answer);
  equal(typeof untargeted, 'function');
});
