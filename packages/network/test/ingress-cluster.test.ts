import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { issueCertificate } from '@fairway/certificates';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { type Client, createClient } from '@fairway/client';
import { DisposalStack, silentLogger as logger } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { seededRandom, settle } from '@fairway/host/testing';
import { Event, Namespace, Secret, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { Ingress, IngressClass } from '@fairway/kinds/networking/v1';
import { createInformers } from '@fairway/reconcile';
import { sendHttp1 } from '@fairway/serving/testing';
import { ExternalNames } from '../src/ingress/external-names.ts';
import { followBackends } from '../src/ingress/find-backends.ts';
import { followIngresses } from '../src/ingress/follow-ingresses.ts';
import { ingressClass } from '../src/ingress/ingress-class.ts';
import { type OpenIngress, openIngress } from '../src/ingress/open-ingress.ts';
import { runIngress } from '../src/run-ingress.ts';
import { startBackend } from './served-ingress.ts';

const pki = await makeTestCertificates();
const place = { namespace: 'default' };

/** An ingress of a cluster; a service may be a name of this machine, where programs of a test are. */
interface ClusterIngress extends AsyncDisposable {
  readonly client: Client;
  readonly opened: OpenIngress;
  get(host: string, path?: string): Promise<{ readonly status: number; readonly text: string }>;
  /** The name in the certificate that a client is shown who asks for a host. */
  shownTo(host: string): Promise<string>;
}

async function startIngress(): Promise<ClusterIngress> {
  await using starting = new DisposalStack();
  const server = starting.use(await startTestServer());
  const client = clientOf(server);
  const stopping = new AbortController();
  starting.defer(async () => stopping.abort());
  const directory = await mkdtemp(join(tmpdir(), 'fairway-ingress-'));
  starting.defer(() => rm(directory, { recursive: true }));
  const { signal } = stopping;
  const informers = createInformers({ client, signal, logger });
  await client.create(IngressClass, ingressClass);
  const followed = followIngresses(informers, signal);
  const lookup = async (name: string): Promise<readonly string[]> =>
    name === 'programs.example' ? ['127.0.0.1'] : [];
  const { findBackends, synced } = followBackends(
    {
      informers,
      externalNames: new ExternalNames({ lookup, clock: systemClock }),
      mayLeadTo: ({ address }) => address === '127.0.0.1',
    },
    signal,
  );
  await Promise.all([synced, followed.synced]);
  const at = { host: '127.0.0.1', port: 0 };
  const { certificate, key } = pki.tls;
  const opened = starting.use(
    await openIngress({
      http: at,
      https: at,
      certificate: { certificate, key },
      followed,
      findBackends,
      accessLogPath: join(directory, 'access.log'),
      clock: systemClock,
      logger,
    }),
  );
  const started = starting.move();
  return {
    client,
    opened,
    get: (host, path = '/') =>
      sendHttp1(`http://127.0.0.1:${opened.http?.port}${path}`, { headers: { host } }),
    async shownTo(servername) {
      const options = { host: '127.0.0.1', port: opened.https?.port ?? 0, servername };
      const socket = connect({ ...options, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return String(CN);
    },
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

function clientOf({ api, clock }: TestServer): Client {
  return createClient({ transport: api.handlerFor(admin), clock, random: seededRandom(9) });
}

async function until(what: string, isReached: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 200 && !(await isReached()); round++) await settle();
  assert.ok(await isReached(), what);
}

const external = (name: string): Service => ({
  metadata: { name, ...place },
  spec: { type: 'ExternalName', externalName: 'programs.example' },
});

const ingress = (name: string, host: string, service: string, port: number): Ingress => ({
  metadata: { name, ...place },
  spec: {
    rules: [
      {
        host,
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: service, port: { number: port } } },
            },
          ],
        },
      },
    ],
  },
});

async function tlsSecret(
  name: string,
  commonName: string,
  inNamespace = 'default',
): Promise<Secret> {
  const { certificate, key } = await issueCertificate(
    pki.authority,
    { kind: 'server', names: [commonName] },
    {
      subject: { commonName, organizations: [] },
      clock: systemClock,
      random: systemRandom,
      validityMs: 3_600_000,
    },
  );
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  return {
    metadata: { name, namespace: inNamespace },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': encode(certificate), 'tls.key': encode(key.reveal()) },
  };
}

test('ingresses lead to services, and follow what is changed', async () => {
  await using backend = await startBackend((request, response) =>
    response.end(`at ${request.url}`),
  );
  await using cluster = await startIngress();
  const { client, get } = cluster;
  assert.equal((await get('shop.example')).status, 404);
  await client.create(Ingress, ingress('shop', 'shop.example', 'web', backend.port));
  await until('a rule', async () => (await get('shop.example')).status === 503);
  await client.create(Service, external('web'));
  await until('a program', async () => (await get('shop.example', '/x')).text === 'at /x');
  assert.equal((await get('SHOP.example:8080')).status, 200);
  assert.equal((await get('other.example')).status, 404);
  const otherClass = { merge: { spec: { ingressClassName: 'other' } } };
  await client.patch(Ingress, 'shop', otherClass, place);
  await until('no rule', async () => (await get('shop.example')).status === 404);
});

test('certificates come from secrets, by the name that is asked for, and are followed', async () => {
  await using cluster = await startIngress();
  const { client, shownTo } = cluster;
  await client.create(Secret, await tlsSecret('one', 'one.example'));
  await client.create(Secret, await tlsSecret('any', 'any.example'));
  await client.create(Ingress, {
    ...ingress('shop', 'one.example', 'web', 80),
    spec: {
      ...ingress('shop', 'one.example', 'web', 80).spec,
      tls: [
        { secretName: 'one' },
        { hosts: ['*.any.example'], secretName: 'any' },
        { hosts: ['stolen.example'], secretName: 'theirs' },
        { hosts: ['broken.example'], secretName: 'broken' },
      ],
    },
  });
  await client.create(Namespace, { metadata: { name: 'bank' } });
  await client.create(Secret, await tlsSecret('theirs', 'stolen.example', 'bank'));
  const broken = { ...(await tlsSecret('broken', 'broken.example')).data, 'tls.key': 'eA==' };
  await client.create(Secret, {
    metadata: { name: 'broken', ...place },
    type: 'kubernetes.io/tls',
    data: broken,
  });
  await until('a certificate', async () => (await shownTo('one.example')) === 'one.example');
  assert.equal(await shownTo('shop.any.example'), 'any.example');
  for (const host of ['any.example', 'a.b.any.example', 'stolen.example', 'broken.example']) {
    assert.equal(await shownTo(host), 'server', host);
  }
  const { data = {} } = await tlsSecret('one', 'renewed.example');
  await client.patch(Secret, 'one', { merge: { data } }, place);
  await until('another one', async () => (await shownTo('one.example')) === 'renewed.example');
});

test('runIngress() makes the class, says in ingresses where they are reached, and what does not work', async () => {
  await using server = await startTestServer();
  const client = clientOf(server);
  const { api, clock } = server;
  const directory = await mkdtemp(join(tmpdir(), 'fairway-ingress-'));
  const stopping = new AbortController();
  const { certificate, key } = pki.tls;
  const running = runIngress(
    {
      handlerFor: (user) => api.handlerFor(user),
      clock,
      random: seededRandom(4),
      logger,
      place: { kind: 'ports', http: { host: '127.0.0.1', port: 0 }, addresses: ['192.0.2.7'] },
      certificate: { certificate, key },
      isProtected: ({ address, port }) => address === '198.51.100.1' && port === 6443,
      lookup: async () => ['127.0.0.1'],
      accessLogPath: join(directory, 'access.log'),
    },
    stopping.signal,
  );
  const messages = async (): Promise<string> => {
    const { items } = await client.list(Event, place).all();
    return items.map(({ message = '' }) => message).join('; ');
  };
  const told = (name: string, text: RegExp): Promise<void> =>
    until(`${name}: ${text}`, async () => text.test(await messages()));
  await until('the class', async () => (await client.find(IngressClass, 'fairway')) !== undefined);
  await client.create(Service, external('local'));
  await client.create(Ingress, ingress('to-loopback', 'a.example', 'local', 80));
  await until('an address', async () => {
    const { status } = await client.get(Ingress, 'to-loopback', place);
    return status?.loadBalancer?.ingress?.[0]?.ip === '192.0.2.7';
  });
  await told(
    'to-loopback',
    /default\/local leads to 127\.0\.0\.1:80, to which no ingress may lead/,
  );
  await client.create(Service, {
    metadata: { name: 'api', ...place },
    spec: { ports: [{ port: 443 }] },
  });
  await client.create(EndpointSlice, {
    metadata: { name: 'api', ...place, labels: { 'kubernetes.io/service-name': 'api' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['198.51.100.1'] }],
    ports: [{ port: 6443 }],
  });
  await client.create(Ingress, ingress('to-api', 'b.example', 'api', 443));
  await told('to-api', /default\/api leads to 198\.51\.100\.1:6443, to which no ingress may lead/);
  const round = { merge: { endpoints: [{ addresses: ['192.0.2.7'] }] } };
  await client.patch(EndpointSlice, 'api', round, place);
  await told('to-api', /default\/api leads to 192\.0\.2\.7:6443, to which no ingress may lead/);
  await client.patch(Service, 'api', { merge: { spec: { ports: [{ port: 444 }] } } }, place);
  await told('to-api', /the service default\/api has no port 443/);
  await client.create(Ingress, {
    metadata: { name: 'to-resource', ...place },
    spec: {
      defaultBackend: { resource: { kind: 'Bucket', name: 'files' } },
      tls: [{ hosts: ['c.example'], secretName: 'absent' }],
    },
  });
  await told('to-resource', /a backend is the Bucket "files": only services can be backends/);
  await told('to-resource', /the secret default\/absent does not exist/);
  stopping.abort();
  await running;
  await rm(directory, { recursive: true });
});
