import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret as HiddenText } from '@fairway/host';
import { Pod, Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';
import type { LegacyTokens } from '../controller-parts.ts';
import { secretNamesOf } from './token-secrets.ts';

const issue: LegacyTokens['issue'] = async ({ account, secretName }) =>
  new HiddenText(`${account.namespace}/${account.name}/${account.uid}/${secretName}`);
const onRequest = { issue, areGivenToEveryAccount: false };
const forEveryAccount = { issue, areGivenToEveryAccount: true };
const dayMs = 24 * 3_600_000;

const tokenSecret: Secret = {
  metadata: { name: 'robot', annotations: { 'kubernetes.io/service-account.name': 'bot' } },
  type: 'kubernetes.io/service-account-token',
};

function dataOf(secret: Secret | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secret?.data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]),
  );
}

async function withBot(legacyTokens: LegacyTokens): Promise<RunningCluster & { uid: string }> {
  const cluster = await startRunningCluster({ legacyTokens });
  const { metadata } = await cluster.client.create(ServiceAccount, { metadata: { name: 'bot' } });
  return { ...cluster, uid: metadata?.uid ?? '' };
}

async function filled({ client, until }: RunningCluster, name = 'robot'): Promise<Secret> {
  await until(`the token of ${name}`, async () => {
    return dataOf(await client.find(Secret, name))['token'] !== undefined;
  });
  return client.get(Secret, name);
}

test('fillTokenSecrets() fills a secret that asks for a token, and mends it', async () => {
  await using cluster = await withBot(onRequest);
  const { client, uid, until } = cluster;
  await client.create(Secret, tokenSecret);
  const secret = await filled(cluster);
  const expected = {
    token: `default/bot/${uid}/robot`,
    'ca.crt': 'a certificate',
    namespace: 'default',
  };
  assert.deepEqual(dataOf(secret), expected);
  assert.equal(secret.metadata?.annotations?.['kubernetes.io/service-account.uid'], uid);
  const merge = { data: { 'ca.crt': 'b3RoZXI=', more: 'bW9yZQ==' } };
  await client.patch(Secret, 'robot', { merge });
  await until('the certificate', async () => {
    return dataOf(await client.find(Secret, 'robot'))['ca.crt'] === 'a certificate';
  });
  assert.deepEqual(dataOf(await client.get(Secret, 'robot')), { ...expected, more: 'more' });
  assert.equal((await client.get(ServiceAccount, 'bot')).secrets, undefined);
  assert.deepEqual(cluster.warnings, []);
});

test('fillTokenSecrets() deletes secrets whose account is gone, or another one by now', async () => {
  await using cluster = await withBot(onRequest);
  const { client, until } = cluster;
  const isGone = async (): Promise<boolean> => (await client.find(Secret, 'robot')) === undefined;
  await client.create(Secret, tokenSecret);
  await filled(cluster);
  await client.delete(ServiceAccount, 'bot');
  await until('the end of the secret', isGone);
  await client.create(ServiceAccount, { metadata: { name: 'bot' } });
  const annotations = {
    ...tokenSecret.metadata?.annotations,
    'kubernetes.io/service-account.uid': 'of-another',
  };
  await client.create(Secret, { ...tokenSecret, metadata: { name: 'robot', annotations } });
  await until('the end of the other secret', isGone);
  assert.deepEqual(cluster.warnings, []);
});

test('fillTokenSecrets() gives every account a secret of its own, and another when it is gone', async () => {
  await using cluster = await withBot(forEveryAccount);
  const { client, until, uid } = cluster;
  const listed = async (): Promise<readonly string[]> => {
    const { secrets = [] } = (await client.find(ServiceAccount, 'bot')) ?? {};
    return secrets.map(({ name = '' }) => name);
  };
  await until('the secret', async () => (await listed()).length === 1);
  const [name = ''] = await listed();
  assert.match(name, /^bot-token-[a-z0-9]{5}$/);
  assert.equal(dataOf(await client.get(Secret, name))['token'], `default/bot/${uid}/${name}`);
  await client.delete(Secret, name);
  await until('another secret', async () => {
    const names = await listed();
    return names.length === 1 && names[0] !== name;
  });
  const secrets: Secret[] = [];
  for await (const secret of client.list(Secret)) secrets.push(secret);
  const ofBot = secrets.filter(({ metadata }) => metadata?.name?.startsWith('bot-') === true);
  assert.equal(ofBot.length, 1);
  assert.deepEqual(cluster.warnings, []);
});

test('cleanTokenSecrets() refuses a year of disuse, and deletes after another', async () => {
  const controllers = ['legacy-serviceaccount-token-cleaner-controller'];
  await using cluster = await startRunningCluster({ controllers });
  const { client, until, server } = cluster;
  const secrets = [{ name: 'robot' }];
  await client.create(ServiceAccount, { metadata: { name: 'bot' }, secrets });
  await client.create(ServiceAccount, { metadata: { name: 'default' } });
  await client.create(Secret, tokenSecret);
  // A user has made it, for the account does not list it.
  await client.create(Secret, {
    ...tokenSecret,
    metadata: { ...tokenSecret.metadata, name: 'kept' },
  });
  let turn = 0;
  /** Time passes, and the secrets are looked at again. */
  const pass = async (days: number): Promise<string | undefined> => {
    server.clock.jump(days * dayMs);
    for (const name of ['robot', 'kept']) {
      const merge = { metadata: { labels: { turn: `${turn++}` } } };
      await client.patch(Secret, name, { merge });
    }
    for (let step = 0; step < 4; step++) await server.clock.advance(250);
    const { labels } = (await client.find(Secret, 'robot'))?.metadata ?? {};
    return labels?.['kubernetes.io/legacy-token-invalid-since'];
  };
  await client.patch(Secret, 'robot', { merge: used('2026-01-10') });
  assert.equal(await pass(365), undefined, 'a day is missing since uses are noted');
  assert.equal(await pass(8), undefined, 'used within a year');
  await client.create(Pod, {
    metadata: { name: 'user' },
    spec: {
      containers: [{ name: 'c', image: 'a' }],
      volumes: [{ name: 't', secret: { secretName: 'robot' } }],
    },
  });
  assert.equal(await pass(2), undefined, 'a pod mounts it');
  await client.delete(Pod, 'user', { gracePeriodSeconds: 0 });
  await until('the end of the pod', async () => (await client.find(Pod, 'user')) === undefined);
  assert.equal(await pass(1), '2027-01-12');
  assert.equal(await pass(365), '2027-01-12');
  assert.equal(await pass(1), undefined);
  assert.equal(await client.find(Secret, 'robot'), undefined);
  assert.ok(await client.find(Secret, 'kept'));
  assert.deepEqual(cluster.warnings, []);
});

function used(day: string): object {
  return { metadata: { labels: { 'kubernetes.io/legacy-token-last-used': day } } };
}

test('secretNamesOf() finds the secrets that a pod names', () => {
  const pod = {
    spec: {
      imagePullSecrets: [{ name: 'pull' }],
      containers: [
        {
          name: 'no',
          env: [{ name: 'no', valueFrom: { secretKeyRef: { name: 'env', key: 'no' } } }],
          envFrom: [{ secretRef: { name: 'from' } }],
        },
      ],
      volumes: [
        { name: 'no', secret: { secretName: 'volume', items: [{ key: 'no', path: 'no' }] } },
        { name: 'no', projected: { sources: [{ secret: { name: 'projected' } }] } },
        { name: 'no', configMap: { name: 'no' } },
      ],
    },
  } as unknown as Pod;
  assert.deepEqual(secretNamesOf(pod).toSorted(), ['env', 'from', 'projected', 'pull', 'volume']);
});
