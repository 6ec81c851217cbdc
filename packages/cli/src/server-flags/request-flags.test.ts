import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequestFlags, readServerTimes, readShutdownDelayMs } from './request-flags.ts';

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

test('readServerTimes() and readShutdownDelayMs() read times as a kube-apiserver does', () => {
  assert.deepEqual(readServerTimes({}), {});
  assert.equal(readShutdownDelayMs({}), 0);
  const flags = { requestTimeout: '1m30s', minRequestTimeout: '60', eventTtl: '10m' };
  assert.deepEqual(readServerTimes(flags), {
    requestTimeoutMs: 90_000,
    watchTimeoutMsMin: 60_000,
    eventsTimeToLiveMs: 600_000,
  });
  assert.equal(readShutdownDelayMs({ shutdownDelayDuration: '1.5s' }), 1_500);
  assert.equal(readShutdownDelayMs({ shutdownDelayDuration: '0' }), 0);
  assert.throws(() => readServerTimes({ eventTtl: '10' }), {
    message: 'cannot use --event-ttl "10": it is no time such as 1h, 30s or 1m30s',
  });
  assert.throws(() => readServerTimes({ requestTimeout: '0s' }), { message: /it is too short$/ });
  assert.throws(() => readServerTimes({ minRequestTimeout: '0' }), { message: /too short$/ });
  assert.throws(() => readShutdownDelayMs({ shutdownDelayDuration: '-1s' }), {
    message: 'cannot use --shutdown-delay-duration "-1s": it is too short',
  });
  assert.throws(() => readServerTimes({ eventTtl: '9999h' }), { message: /longer than 24 days$/ });
});
