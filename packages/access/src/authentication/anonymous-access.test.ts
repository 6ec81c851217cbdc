import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type AnonymousAccess, withAnonymous } from './anonymous-access.ts';
import { type Authenticator, rejected, unrecognised } from './authenticator.ts';

const nobody: Authenticator = async () => unrecognised;

async function kindAt(path: string, access: AnonymousAccess, authenticator = nobody) {
  const signal = new AbortController().signal;
  const request = { method: 'GET', path, query: '', headers: {}, body: undefined, signal };
  return (await withAnonymous(authenticator, () => access)(request)).kind;
}

test('withAnonymous() lets requests without a credential be anonymous at exactly the paths told', async () => {
  const access: AnonymousAccess = { kind: 'paths', paths: new Set(['/livez']) };
  deepEqual(
    await Promise.all(
      ['/livez', '/livez/', '/livez/ping', '/', '/%6civez'].map((path) => kindAt(path, access)),
    ),
    ['authenticated', 'unrecognised', 'unrecognised', 'unrecognised', 'unrecognised'],
  );
});

test('withAnonymous() lets nobody be anonymous where that is switched off', async () => {
  equal(await kindAt('/livez', { kind: 'nowhere' }), 'unrecognised');
});

test('withAnonymous() takes nobody for anonymous who showed a bad credential', async () => {
  const bad: Authenticator = async () => rejected('expired');
  equal(await kindAt('/', { kind: 'everywhere' }, bad), 'rejected');
});
