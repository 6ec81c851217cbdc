import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFields } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import { ClusterIssuers } from './cluster-issuers.ts';

function configuration(paths: readonly string[], jwt: readonly object[] = []): string {
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    anonymous: { enabled: true, conditions: paths.map((path) => ({ path })) },
    jwt,
  });
}

const parts = {
  dial: () => async () => assert.fail('nobody is asked before a token comes'),
  ownIssuers: ['https://kubernetes.default.svc'],
};

test('ClusterIssuers follows its file, and stays as it was when that is malformed', async () => {
  const clock = new ManualClock();
  const files = new MemoryFiles({ '/w/a.yaml': configuration(['/livez']) });
  const said: string[] = [];
  const say = (message: string, fields?: LogFields): void =>
    void said.push(`${message} ${JSON.stringify(fields)}`);
  const real = nodejsHost();
  const environment = { ...real.environment, workingDirectory: '/w' };
  const logger = { debug: say, info: say, warn: say, error: say };
  const host = { ...real, environment, clock, files, logger };
  {
    using issuers = await ClusterIssuers.open(host, { authenticationConfig: 'a.yaml' }, parts);
    const pathsNow = (): unknown =>
      issuers?.anonymous?.kind === 'paths' ? [...issuers.anonymous.paths] : issuers?.anonymous;
    assert.deepEqual(pathsNow(), ['/livez']);
    await clock.advance(30_000);
    assert.deepEqual(said, []);

    files.put('/w/a.yaml', configuration(['/readyz'], [{ issuer: { url: 'https://a', ur: 1 } }]));
    await clock.advance(10_000);
    assert.deepEqual(pathsNow(), ['/livez']);
    assert.match(said.pop() ?? '', /stays as it was .*jwt\[0\]\.issuer\.audiences: Required value/);
    await files.remove('/w/a.yaml');
    await clock.advance(10_000);
    assert.match(said.pop() ?? '', /stays as it was .*there is no such file/);

    files.put('/w/a.yaml', configuration(['/readyz']));
    await clock.advance(10_000);
    assert.deepEqual(pathsNow(), ['/readyz']);
    assert.match(said.pop() ?? '', /was read again/);
  }
  assert.equal(clock.pending, 0);
});

test('ClusterIssuers needs nothing without a flag', async () => {
  assert.equal(await ClusterIssuers.open(nodejsHost(), {}, parts), undefined);
});
