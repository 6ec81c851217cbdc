import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogFields, silentLogger } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { UpgradeAnswer, UpgradeHandler } from '@fairway/protocol';
import { acceptUpgrade } from '@fairway/protocol/streams';
import { StoreUnavailableError } from '@fairway/store';
import { AggregatedApis } from './registry/aggregated-api.ts';
import { buildUpgradePipeline } from './upgrade-pipeline.ts';

const endless: UpgradeHandler = async () =>
  acceptUpgrade({ upgrade: 'SPDY/3.1' }, () => new Promise(() => {}));

/** Everybody is who they say. */
function openPipeline(route: UpgradeHandler): {
  readonly ask: (user: string) => Promise<UpgradeAnswer>;
  readonly lines: LogFields[];
} {
  const lines: LogFields[] = [];
  const upgrade = buildUpgradePipeline(
    {
      clock: new ManualClock(),
      random: seededRandom(1),
      logger: { ...silentLogger, info: (_, fields) => void lines.push(fields ?? {}) },
      authenticator: async ({ headers }) => ({
        kind: 'authenticated',
        user: { username: String(headers['user-agent']), groups: [] },
      }),
      authorizer: () => ({ kind: 'allow', reason: '' }),
      aggregatedApis: new AggregatedApis(),
    },
    { handler: () => assert.fail('this is no plain request'), route },
  );
  const path = '/api/v1/namespaces/a/pods/b/exec';
  const { signal } = new AbortController();
  const ask = (user: string): Promise<UpgradeAnswer> => {
    const headers = { 'user-agent': user, 'audit-id': 'mine' };
    return upgrade({ method: 'POST', path, query: '', headers, body: undefined, signal });
  };
  return { ask, lines };
}

test('one server holds so many streams and no more', async () => {
  const { ask } = openPipeline(endless);
  const open: UpgradeAnswer[] = [];
  for (let at = 0; at < 10_000; at++) open.push(await ask(`user-${at % 20}`));
  const [first] = open;
  assert.ok(first?.kind === 'accepted');
  const refused = await ask('somebody else');
  assert.ok(refused.kind === 'refused');
  assert.equal(refused.response.status, 429);
  first.stream.destroy();
  await first.stream.closed;
  assert.equal((await ask('somebody else')).kind, 'accepted');
});

test('an upgrade leaves its line in the log, and its id with the answer', async () => {
  const { ask, lines } = openPipeline(endless);
  const answer = await ask('ann');
  assert.ok(answer.kind === 'accepted');
  assert.deepEqual(answer.headers, { upgrade: 'SPDY/3.1', 'audit-id': 'mine' });
  assert.deepEqual([lines[0]?.['status'], lines[0]?.['auditId']], [101, 'mine']);
});

test('what fails on the way to a stream is a refusal with a Status', async () => {
  const failures = [
    new Error('a secret'),
    new StoreUnavailableError('/disk: full', { reason: 'full' }),
  ];
  const { ask } = openPipeline(async () => {
    throw failures.shift() ?? assert.fail();
  });
  for (const code of [500, 503]) {
    const answer = await ask('ann');
    assert.ok(answer.kind === 'refused' && answer.response.body instanceof Uint8Array);
    assert.equal(answer.response.status, code);
    assert.equal(answer.response.headers['audit-id'], 'mine');
    assert.doesNotMatch(Buffer.from(answer.response.body).toString(), /secret|disk/);
  }
});
