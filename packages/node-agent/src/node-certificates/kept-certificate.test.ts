import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import {
  makeCertificateAuthority,
  makeCertificateRequest,
  makePrivateKey,
  readCertificate,
  signCertificateRequest,
} from '@fairway/certificates';
import { createClient } from '@fairway/client';
import { type LogFields, type Random, silentLogger } from '@fairway/host';
import { MemoryFiles, seededRandom, settle } from '@fairway/host/testing';
import { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { KeptCertificate } from './kept-certificate.ts';
import { clientCertificateOf } from './request-certificate.ts';

const hourMs = 3_600_000;
const path = '/pki/kubelet-client.pem';

/** An API at which the test itself decides about requests for certificates. */
async function openSigner() {
  const server = await startTestServer();
  const { clock, api } = server;
  const random = seededRandom(7);
  const client = createClient({ transport: api.handlerFor(admin), clock, random });
  const subject = { commonName: 'ca', organizations: [] };
  const options = { clock, random, validityMs: 1_000 * hourMs };
  const authority = await makeCertificateAuthority({ ...options, subject });
  const files = new MemoryFiles();
  const warnings: (LogFields & { readonly message: string })[] = [];
  const note = (message: string, fields?: LogFields): void =>
    void warnings.push({ message, ...fields });
  const decided = new Set<string>();
  const nextRequest = async (): Promise<CertificateSigningRequest> => {
    for (;;) {
      const { items } = await client.list(CertificateSigningRequest).all();
      const found = items.find(({ metadata }) => !decided.has(metadata?.name ?? ''));
      if (found !== undefined) return found;
      await settle();
    }
  };
  const part = (request: CertificateSigningRequest, name: string) =>
    client.subresource(CertificateSigningRequest, request.metadata?.name ?? '', name);
  const decide = async (type: 'Approved' | 'Denied'): Promise<CertificateSigningRequest> => {
    const request = await nextRequest();
    decided.add(request.metadata?.name ?? '');
    const conditions = [{ type, status: 'True', reason: 'Test', message: 'so be it' }] as const;
    return part(request, 'approval').replace({ ...request, status: { conditions } });
  };
  return {
    clock,
    client,
    files,
    warnings,
    open: (nodeName = 'n1', chance: Random = random) =>
      KeptCertificate.open({
        path,
        wish: clientCertificateOf(nodeName),
        files,
        clock,
        random: chance,
        logger: { ...silentLogger, warn: note, error: note },
      }),
    nextRequest,
    deny: () => decide('Denied'),
    async sign(validityMs = 10 * hourMs): Promise<void> {
      const request = await decide('Approved');
      const pem = Buffer.from(request.spec?.request ?? '', 'base64').toString();
      const usages = request.spec?.usages ?? [];
      const signing = { usages, validityMs, clock, random };
      const certificate = Buffer.from(await signCertificateRequest(authority, pem, signing));
      const status = { ...request.status, certificate: certificate.toString('base64') };
      await part(request, 'status').replace({ ...request, status });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const hasAny = ({ held }: KeptCertificate): boolean => held !== undefined;

test('a certificate is requested once, lies in one file with its key, and is taken up from there', async () => {
  await using signer = await openSigner();
  const { files, client } = signer;
  const first = await signer.open();
  assert.ok(!hasAny(first));
  const { signal } = new AbortController();
  const requesting = first.request(client, signal);
  const asked = await signer.nextRequest();
  assert.deepEqual(
    [asked.spec?.signerName, asked.spec?.usages],
    ['kubernetes.io/kube-apiserver-client-kubelet', ['digital signature', 'client auth']],
  );
  assert.equal((await files.stat(`${path}.key`))?.mode, 0o600);
  await signer.sign();
  assert.equal(await requesting, undefined);
  const { subject } = readCertificate(first.held?.certificate ?? '');
  assert.deepEqual(subject, { commonName: 'system:node:n1', organizations: ['system:nodes'] });
  assert.deepEqual(
    [(await files.stat(path))?.mode, await files.stat(`${path}.key`)],
    [0o600, undefined],
  );
  const again = await signer.open();
  assert.equal(again.held?.certificate, first.held?.certificate);
  assert.equal(again.held?.key.reveal(), first.held?.key.reveal());
  assert.ok(!hasAny(await signer.open('n2')), 'it is of another node');
  signer.clock.jump(10 * hourMs);
  assert.ok(!hasAny(await signer.open()), 'its time is over');
  await files.write(path, Buffer.from('rubbish'));
  assert.ok(!hasAny(await signer.open()));
});

test('an agent that was killed while it waited goes on with its own request', async () => {
  await using signer = await openSigner();
  const { client } = signer;
  const killed = new AbortController();
  const before = await signer.open();
  const waiting = before.request(client, killed.signal);
  const asked = await signer.nextRequest();
  killed.abort(new Error('killed'));
  await assert.rejects(waiting, /killed/);
  const after = await signer.open();
  const { signal } = new AbortController();
  const requesting = after.request(client, signal);
  await signer.sign();
  assert.equal(await requesting, undefined);
  const { items } = await client.list(CertificateSigningRequest).all();
  assert.deepEqual(
    items.map(({ metadata }) => metadata?.name),
    [asked.metadata?.name],
  );
});

test('a certificate for which the disk has no room is not asked for twice', async () => {
  await using signer = await openSigner();
  const { client, files } = signer;
  const { signal } = new AbortController();
  const write = files.write.bind(files);
  files.write = async (to, ...rest) => {
    if (to === path) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    return write(to, ...rest);
  };
  const full = (await signer.open()).request(client, signal);
  await signer.sign();
  await assert.rejects(full, { code: 'ENOSPC' });
  files.write = write;
  const roomy = await signer.open();
  assert.equal(await roomy.request(client, signal), undefined);
  assert.ok(hasAny(roomy));
});

test('a refusal says why, and who asks again is judged anew', async () => {
  await using signer = await openSigner();
  const { client } = signer;
  const { signal } = new AbortController();
  const certificate = await signer.open();
  const refused = certificate.request(client, signal);
  const { metadata } = await signer.nextRequest();
  await signer.deny();
  assert.equal(await refused, 'the request was denied: Test: so be it');
  const asking = certificate.request(client, signal);
  assert.notEqual((await signer.nextRequest()).metadata?.name, metadata?.name);
  await signer.sign();
  assert.equal(await asking, undefined);
});

test('a request that was made by somebody else with the same name is not waited for', async () => {
  await using signer = await openSigner();
  const { client } = signer;
  const { signal } = new AbortController();
  const stopped = new AbortController();
  const certificate = await signer.open();
  const waiting = certificate.request(client, stopped.signal);
  const { metadata, spec } = await signer.nextRequest();
  stopped.abort(new Error('stopped'));
  await assert.rejects(waiting);
  const { subject } = clientCertificateOf('n1');
  const foreign = await makeCertificateRequest(await makePrivateKey(), { subject, names: [] });
  const { name = '' } = metadata ?? {};
  await client.delete(CertificateSigningRequest, name);
  await client.create(CertificateSigningRequest, {
    metadata: { name },
    spec: {
      signerName: spec?.signerName ?? '',
      usages: spec?.usages ?? [],
      request: Buffer.from(foreign).toString('base64'),
    },
  });
  assert.match((await certificate.request(client, signal)) ?? '', /somebody else has made/);
});

test('a certificate is renewed between seven and nine tenths of its time, and tried for until it is', async () => {
  await using signer = await openSigner();
  const { client, clock, warnings } = signer;
  const stopping = new AbortController();
  const latest = { ...seededRandom(1), fraction: () => 0.999 };
  const certificate = await signer.open('n1', latest);
  const renewals: string[] = [];
  const keeping = certificate.keep(
    client,
    (held) => renewals.push(readCertificate(held.certificate).fingerprint),
    stopping.signal,
  );
  const untilRenewed = async (count: number): Promise<void> => {
    while (renewals.length < count) await settle();
  };
  await signer.sign();
  await untilRenewed(1);
  const { notBeforeMs, notAfterMs } = readCertificate(certificate.held?.certificate ?? '');
  const dueMs = notBeforeMs + (notAfterMs - notBeforeMs) * 0.8998;
  await clock.advance(dueMs - clock.now() - 60_000);
  const { items } = await client.list(CertificateSigningRequest).all();
  assert.equal(items.length, 1, 'not before its time');
  await clock.advance(120_000);
  await signer.nextRequest();
  await clock.advance(10_001);
  assert.match(warnings[0]?.message ?? '', /waits for somebody to approve it/);
  assert.match(String(warnings[0]?.['remedy']), /^kubectl certificate approve node-csr-/);
  await signer.deny();
  while (warnings.length < 2) await settle();
  assert.match(String(warnings[1]?.['why']), /denied/);
  const askedSoFar = (await client.list(CertificateSigningRequest).all()).items.length;
  await clock.advance(14 * 60_000);
  const { items: later } = await client.list(CertificateSigningRequest).all();
  assert.equal(later.length, askedSoFar, 'whoever has refused is left alone for a while');
  await clock.advance(60_000);
  await signer.sign();
  await untilRenewed(2);
  assert.notEqual(renewals[0], renewals[1]);
  stopping.abort();
  await keeping;
});

test('a certificate whose time is over at once is not asked for in a rush', async () => {
  await using signer = await openSigner();
  const { client, clock } = signer;
  const stopping = new AbortController();
  const certificate = await signer.open();
  let renewals = 0;
  const keeping = certificate.keep(client, () => void renewals++, stopping.signal);
  const untilRenewed = async (count: number): Promise<void> => {
    while (renewals < count) await settle();
  };
  await signer.sign(1_000);
  await untilRenewed(1);
  await clock.advance(9_000);
  assert.equal((await client.list(CertificateSigningRequest).all()).items.length, 1);
  await clock.advance(1_000);
  await signer.sign();
  await untilRenewed(2);
  stopping.abort();
  await keeping;
});
