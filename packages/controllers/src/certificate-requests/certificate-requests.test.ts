import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterRole, ClusterRoleBinding } from '@fairway/kinds/rbac/v1';
import {
  CertificateSigningRequest,
  type CertificateSigningRequestSpec,
} from '@fairway/kinds/certificates/v1';
import { type Client, createClient } from '@fairway/client';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { makeCertificateAuthority, readCertificate } from '@fairway/certificates';
import { makeCertificateRequest } from '@fairway/certificates/testing';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';

const hourMs = 3_600_000;
const authority = await makeCertificateAuthority({
  subject: { commonName: 'ca', organizations: [] },
  validityMs: 10 * 365 * 24 * hourMs,
  clock: new ManualClock(),
  random: seededRandom(5),
});
const own = 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient';
const clientSigner = 'kubernetes.io/kube-apiserver-client';
const kubeletSigner = 'kubernetes.io/kube-apiserver-client-kubelet';
const servingSigner = 'kubernetes.io/kubelet-serving';
const kubelet = 'O=system:nodes, CN=system:node:a';

const start = (): Promise<RunningCluster> =>
  startRunningCluster({
    authorityCertificate: authority.certificate,
    authorityKey: authority.key,
    controllers: ['csrapproving', 'csrsigning', 'csrcleaner'],
  });

type Usages = NonNullable<CertificateSigningRequestSpec['usages']>;

interface Asked {
  readonly name: string;
  readonly subject?: string;
  readonly names?: Parameters<typeof makeCertificateRequest>[0]['names'];
  readonly signerName?: string;
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
}

async function ask(
  client: Client,
  { name, subject = 'CN=x', names = [], usages = ['client auth'], ...asked }: Asked,
): Promise<CertificateSigningRequest> {
  const { request } = await makeCertificateRequest({ subject, names });
  return client.create(CertificateSigningRequest, {
    metadata: { name },
    spec: {
      signerName: clientSigner,
      usages: usages as Usages,
      request: Buffer.from(request).toString('base64'),
      ...asked,
    },
  });
}

async function decide(client: Client, name: string, type: 'Approved' | 'Denied'): Promise<void> {
  const request = await client.get(CertificateSigningRequest, name);
  const conditions = [{ type, status: 'True', reason: 'Test', message: 'm' }] as const;
  await client
    .subresource(CertificateSigningRequest, name, 'approval')
    .replace({ ...request, status: { ...request.status, conditions } });
}

async function outcome({ client, until }: RunningCluster, name: string): Promise<string> {
  let said = '';
  await until(`an answer to ${name}`, async () => {
    const { status } = await client.get(CertificateSigningRequest, name);
    const failed = status?.conditions?.find(({ type }) => type === 'Failed');
    said = failed?.message ?? ((status?.certificate ?? '') === '' ? '' : 'signed');
    return said !== '';
  });
  return said;
}

test('a request of a kubelet for itself is approved once RBAC lets it, and signed', async () => {
  await using cluster = await start();
  const { client, server } = cluster;
  const { clock } = server;
  const user = { username: 'system:node:a', groups: ['system:nodes'] };
  const joiner = { username: 'joiner', groups: [] };
  await client.create(ClusterRole, {
    metadata: { name: 'ask' },
    rules: [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests'],
        verbs: ['create'],
      },
    ],
  });
  const bind = (role: string) =>
    client.create(ClusterRoleBinding, {
      metadata: { name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [user, joiner].map(({ username: name }) => ({
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'User',
        name,
      })),
    });
  await bind('ask');
  const clientFor = (who: typeof user | typeof joiner) =>
    createClient({ transport: server.api.handlerFor(who), clock, random: seededRandom(9) });
  const node = clientFor(user);
  const usages = ['digital signature', 'client auth'];
  const asked = { signerName: kubeletSigner, usages };
  await ask(node, { name: 'self', subject: kubelet, ...asked });
  await ask(clientFor(joiner), { name: 'other', subject: kubelet, ...asked });
  await ask(node, { name: 'client', subject: kubelet, usages });
  await clock.advance(10_000);
  const read = async (name: string) =>
    (await client.get(CertificateSigningRequest, name)).status?.conditions;
  assert.equal(await read('self'), undefined);
  await bind(own);
  assert.equal(await outcome(cluster, 'self'), 'signed');
  const [condition] = (await read('self')) ?? [];
  assert.equal(condition?.reason, 'AutoApproved');
  assert.match(condition?.message ?? '', /^Auto approving self kubelet client certificate/);
  assert.deepEqual([await read('other'), await read('client')], [undefined, undefined]);
});

test('each signer signs what is meant for it, and says why not else', async () => {
  await using cluster = await start();
  const { client } = cluster;
  const dns = { type: 'dns', value: 'a' } as const;
  const email = { type: 'email', value: 'a@b' } as const;
  const url = { type: 'url', value: 'a://b' } as const;
  const ip = { type: 'ip', value: '192.0.2.1' } as const;
  const forKubelet = {
    subject: kubelet,
    signerName: kubeletSigner,
    usages: ['client auth', 'digital signature', 'key encipherment'],
  };
  const forServing = {
    subject: kubelet,
    names: [dns],
    signerName: servingSigner,
    usages: ['server auth', 'digital signature'],
  };
  const cases: readonly (readonly [Omit<Asked, 'name'>, string])[] = [
    [{}, 'signed'],
    [
      { usages: ['client auth', 'server auth'] },
      'invalid usage for client certificate: server auth',
    ],
    [
      { usages: ['digital signature'] },
      'missing required usage for client certificate: client auth',
    ],
    [forKubelet, 'signed'],
    [
      { ...forKubelet, subject: 'O=a, O=system:nodes, CN=x' },
      'subject organization is not system:nodes',
    ],
    [{ ...forKubelet, names: [dns] }, 'DNS subjectAltNames are not allowed'],
    [{ ...forKubelet, names: [email] }, 'Email subjectAltNames are not allowed'],
    [{ ...forKubelet, names: [ip] }, 'IP subjectAltNames are not allowed'],
    [{ ...forKubelet, names: [url] }, 'URI subjectAltNames are not allowed'],
    [
      { ...forKubelet, subject: 'O=system:nodes, CN=a' },
      'subject common name does not begin with system:node:',
    ],
    [
      { ...forKubelet, usages: ['client auth'] },
      'usages did not match [client auth digital signature key encipherment]',
    ],
    [forServing, 'signed'],
    [{ ...forServing, names: [] }, 'DNS or IP subjectAltName is required'],
    [{ ...forServing, names: [dns, email] }, 'Email subjectAltNames are not allowed'],
    [
      { ...forServing, usages: ['server auth', 'digital signature', 'any'] },
      'usages did not match [digital signature key encipherment server auth]',
    ],
  ];
  for (const [at, [asked, expected]] of cases.entries()) {
    const name = `case-${at}`;
    await ask(client, { name, ...asked });
    await decide(client, name, 'Approved').catch((error: unknown) => {
      // The approver was faster: the administrator may do anything.
      assert.ok(asked.signerName === kubeletSigner, String(error));
    });
    assert.equal(await outcome(cluster, name), expected, name);
  }
  await ask(client, { name: 'foreign', signerName: 'example.com/s' });
  await decide(client, 'foreign', 'Approved');
  await cluster.server.clock.advance(10_000);
  const { status } = await client.get(CertificateSigningRequest, 'foreign');
  assert.equal(status?.certificate, undefined);
  assert.equal(status?.conditions?.length, 1);
});

test('a certificate lives as long as was asked for, a year at most', async () => {
  await using cluster = await start();
  const { client, server } = cluster;
  for (const [name, expirationSeconds, lifeMs] of [
    ['short', 600, 600_000],
    ['long', 2 * 365 * 24 * 3_600, 365 * 24 * hourMs - 300_000],
    ['unsaid', undefined, 365 * 24 * hourMs - 300_000],
  ] as const) {
    await ask(client, { name, ...(expirationSeconds === undefined ? {} : { expirationSeconds }) });
    await decide(client, name, 'Approved');
    const since = server.clock.now();
    await outcome(cluster, name);
    const { status } = await client.get(CertificateSigningRequest, name);
    const pem = Buffer.from(status?.certificate ?? '', 'base64').toString();
    const late = readCertificate(pem).notAfterMs - since - lifeMs;
    assert.ok(late > -1_000 && late < 10_000, `${name}: ${late}`);
  }
});

test('requests go an hour after they were decided, a day after nobody did, or with their certificate', async () => {
  await using cluster = await start();
  const { client, server } = cluster;
  await ask(client, { name: 'pending' });
  await ask(client, { name: 'unsigned', signerName: 'example.com/s' });
  await ask(client, { name: 'denied' });
  await ask(client, { name: 'signed' });
  await ask(client, { name: 'brief', expirationSeconds: 600 });
  await ask(client, { name: 'failed', usages: ['server auth'] });
  await decide(client, 'denied', 'Denied');
  for (const name of ['unsigned', 'signed', 'brief', 'failed']) {
    await decide(client, name, 'Approved');
  }
  for (const name of ['signed', 'brief', 'failed']) await outcome(cluster, name);
  const left = async (): Promise<string> =>
    (await client.list(CertificateSigningRequest).all()).items
      .map(({ metadata }) => metadata?.name)
      .join(' ');
  await server.clock.advance(9 * 60_000);
  assert.equal(await left(), 'brief denied failed pending signed unsigned');
  await server.clock.advance(2 * 60_000);
  assert.equal(await left(), 'denied failed pending signed unsigned');
  await server.clock.advance(48 * 60_000);
  assert.equal(await left(), 'denied failed pending signed unsigned');
  await server.clock.advance(2 * 60_000);
  assert.equal(await left(), 'pending unsigned');
  await server.clock.advance(22 * hourMs + 50 * 60_000);
  assert.equal(await left(), 'pending unsigned');
  await server.clock.advance(hourMs);
  assert.equal(await left(), 'unsigned');
});

test('without the key of the authority requests are approved and cleaned, and not signed', async () => {
  await using cluster = await startRunningCluster();
  const { client, server } = cluster;
  await ask(client, { name: 'x' });
  await decide(client, 'x', 'Approved');
  await server.clock.advance(60_000);
  const { status } = await client.get(CertificateSigningRequest, 'x');
  assert.equal(status?.certificate, undefined);
  assert.deepEqual(cluster.warnings, []);
});
