import { deepEqual, equal } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpRequest, Peer } from '@fairway/protocol';
import {
  type CertificateUse,
  issueCertificate,
  makeCertificateAuthority,
} from '@fairway/certificates';
import { clientCertificateAuthenticator } from './client-certificate-authenticator.ts';

const random = seededRandom(7);
const hourMs = 3_600_000;

async function certify(
  clock: ManualClock,
  subject: { commonName: string; organizations: readonly string[] },
  use: CertificateUse = { kind: 'client' },
): Promise<Uint8Array> {
  const authority = await makeCertificateAuthority({
    subject: { commonName: 'ca', organizations: [] },
    validityMs: 24 * hourMs,
    clock,
    random,
  });
  const options = { subject, validityMs: hourMs, clock, random };
  const { certificate } = await issueCertificate(authority, use, options);
  return new X509Certificate(certificate).raw;
}

function from(peer: Partial<Peer>): HttpRequest {
  return {
    method: 'GET',
    path: '/',
    query: '',
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
    peer: { address: '127.0.0.1', ...peer },
  };
}

test('clientCertificateAuthenticator() takes the name and the organizations', async () => {
  const clock = new ManualClock();
  const certificate = await certify(clock, { commonName: 'admin', organizations: ['a', 'b'] });
  const outcome = await clientCertificateAuthenticator(clock)(
    from({ certificate, isCertificateTrusted: true }),
  );
  equal(outcome.kind, 'authenticated');
  if (outcome.kind !== 'authenticated') return;
  equal(outcome.user.username, 'admin');
  deepEqual(outcome.user.groups, ['a', 'b']);
  const [id] = outcome.user.extra?.['authentication.kubernetes.io/credential-id'] ?? [];
  equal(/^X509SHA256=[0-9a-f]{64}$/.test(id ?? ''), true);
});

test('clientCertificateAuthenticator() is not fooled by a line break in a group', async () => {
  const clock = new ManualClock();
  const organizations = ['dev\nO=system:masters'];
  const certificate = await certify(clock, { commonName: 'eve', organizations });
  const outcome = await clientCertificateAuthenticator(clock)(
    from({ certificate, isCertificateTrusted: true }),
  );
  deepEqual(outcome.kind === 'authenticated' && outcome.user.groups, organizations);
});

test('clientCertificateAuthenticator() judges the time at each request', async () => {
  const clock = new ManualClock();
  const certificate = await certify(clock, { commonName: 'admin', organizations: [] });
  const authenticate = clientCertificateAuthenticator(clock);
  const request = from({ certificate, isCertificateTrusted: true });
  equal((await authenticate(request)).kind, 'authenticated');
  clock.jump(2 * hourMs);
  deepEqual(await authenticate(request), {
    kind: 'rejected',
    why: 'the client certificate has expired',
  });
  clock.jump(-48 * hourMs);
  deepEqual(await authenticate(request), {
    kind: 'rejected',
    why: 'the client certificate is not valid yet',
  });
});

test('clientCertificateAuthenticator() rejects what no client CA signed', async () => {
  const clock = new ManualClock();
  const certificate = await certify(clock, { commonName: 'admin', organizations: [] });
  for (const peer of [{ certificate }, { certificate, isCertificateTrusted: false }]) {
    equal((await clientCertificateAuthenticator(clock)(from(peer))).kind, 'rejected');
  }
});

test('clientCertificateAuthenticator() rejects the certificate of a server, or of nobody', async () => {
  const clock = new ManualClock();
  const server = await certify(
    clock,
    { commonName: 'admin', organizations: [] },
    { kind: 'server', names: ['localhost'] },
  );
  const nameless = await certify(clock, { commonName: '', organizations: ['system:masters'] });
  for (const certificate of [server, nameless]) {
    const request = from({ certificate, isCertificateTrusted: true });
    equal((await clientCertificateAuthenticator(clock)(request)).kind, 'rejected');
  }
});

test('clientCertificateAuthenticator() leaves connections without a certificate alone', async () => {
  const authenticate = clientCertificateAuthenticator(new ManualClock());
  equal((await authenticate(from({}))).kind, 'unrecognised');
});
