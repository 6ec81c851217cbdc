import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequestFlags } from './request-flags.ts';

test('readRequestFlags() has the defaults of a kube-apiserver', () => {
  const usual = { isFair: true, requestsMax: 400, mutatingRequestsMax: 200 };
  assert.deepEqual(readRequestFlags({}), usual);
  assert.deepEqual(readRequestFlags({ enablePriorityAndFairness: true }), usual);
});

test('readRequestFlags() reads what flags say', () => {
  const flags = {
    enablePriorityAndFairness: 'false',
    maxRequestsInflight: '0',
    maxMutatingRequestsInflight: '20',
  };
  const read = { isFair: false, requestsMax: 0, mutatingRequestsMax: 20 };
  assert.deepEqual(readRequestFlags(flags), read);
});

test('readRequestFlags() says what is wrong with a value', () => {
  const nothing = { maxRequestsInflight: '0', maxMutatingRequestsInflight: '0' };
  assert.throws(() => readRequestFlags(nothing), {
    message: /^cannot use --max-requests-inflight 0 and .*: with fairness the two together/,
  });
  assert.equal(readRequestFlags({ ...nothing, enablePriorityAndFairness: 'false' }).requestsMax, 0);
  for (const text of ['-1', '1.5', 'many', '', '1e3', '99999999']) {
    assert.throws(() => readRequestFlags({ maxRequestsInflight: text }), {
      name: 'CommandError',
      message: /^cannot use --max-requests-inflight ".*": it is no count from 0 to 9999999$/,
    });
  }
  assert.throws(() => readRequestFlags({ enablePriorityAndFairness: 'yes' }), {
    message: 'cannot use --enable-priority-and-fairness "yes": it is true or false',
  });
});
