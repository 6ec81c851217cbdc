import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditLineError, readAuditLine } from './audited-request.ts';

const event = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/shop/pods?watch=1',
  verb: 'watch',
  user: { username: 'ann', groups: [] },
  responseStatus: { code: 200 },
};
const read = (change: object = {}) => readAuditLine(JSON.stringify({ ...event, ...change }));

test('readAuditLine() tells who did what, and how it was answered', () => {
  const { username, answered } = read() ?? assert.fail();
  assert.equal(username, 'ann');
  assert.equal(answered.status, 200);
  assert.deepEqual(answered.target.isResource && [answered.target.verb, answered.target.plural], [
    'watch',
    'pods',
  ]);
  assert.equal(read({ impersonatedUser: { username: 'bob' } })?.username, 'bob');
  const exec = { verb: 'create', requestURI: '/api/v1/namespaces/a/pods/b/exec?command=ls' };
  assert.equal(read(exec)?.answered.target.verb, 'create');
  const path = { verb: 'head', requestURI: '/metrics' };
  assert.deepEqual(read(path)?.answered.target, {
    isResource: false,
    verb: 'head',
    path: '/metrics',
  });
});

test('readAuditLine() knows a refusal of admission from one of authorization', () => {
  const code = (change: object): number | undefined =>
    read({ responseStatus: { code: 403 }, ...change })?.answered.status;
  const decision = (value: string): object => ({
    annotations: { 'authorization.k8s.io/decision': value },
  });
  assert.equal(code({}), 403);
  assert.equal(code(decision('forbid')), 403);
  assert.equal(code(decision('allow')), 422);
});

test('readAuditLine() passes over stages without an answer, and callers that nobody knew', () => {
  assert.equal(read({ stage: 'RequestReceived', responseStatus: undefined }), undefined);
  assert.equal(read({ stage: 'Panic' }), undefined);
  assert.equal(read({ user: {} }), undefined);
  assert.equal(read({ stage: 'ResponseStarted' })?.username, 'ann');
});

test('readAuditLine() says what is wrong with a line', () => {
  const complaint = (line: string): string => {
    try {
      readAuditLine(line);
      return '';
    } catch (error) {
      assert.ok(error instanceof AuditLineError);
      return error.message;
    }
  };
  const changed = (change: object): string => complaint(JSON.stringify({ ...event, ...change }));
  assert.equal(complaint('{'), 'it is not JSON');
  assert.equal(complaint('[1]'), 'it is no object');
  assert.equal(complaint('null'), 'it is no object');
  assert.equal(
    changed({ apiVersion: 'audit.k8s.io/v1beta1' }),
    'it is no Event of audit.k8s.io/v1',
  );
  assert.equal(changed({ kind: 'EventList' }), 'it is no Event of audit.k8s.io/v1');
  assert.equal(changed({ verb: 1 }), 'it has no verb or no requestURI');
  assert.equal(changed({ requestURI: 'pods' }), 'it has no verb or no requestURI');
  assert.match(changed({ requestURI: '/api/v1/pods/%zz' }), /its requestURI cannot be read/);
  assert.equal(changed({ responseStatus: {} }), 'it has no responseStatus.code');
});
