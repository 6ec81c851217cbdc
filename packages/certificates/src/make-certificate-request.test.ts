import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { Secret } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { checkRequestSignature } from './check-request-signature.ts';
import { makeCertificateAuthority } from './issue-certificate.ts';
import { makeCertificateRequest } from './make-certificate-request.ts';
import { makePrivateKey } from './private-key.ts';
import { publicKeyPin } from './public-key-pin.ts';
import { readCertificateRequest } from './read-certificate-request.ts';
import { signCertificateRequest } from './sign-certificate-request.ts';

const clock = new ManualClock();
const made = { clock, random: seededRandom(1), validityMs: 24 * 3_600_000 };
const authority = await makeCertificateAuthority({
  ...made,
  subject: { commonName: 'ca', organizations: [] },
});

test('what makeCertificateRequest() asks for is signed with the key and is certified as it stands', async () => {
  const key = await makePrivateKey();
  const subject = { commonName: 'system:node:a, CN=b', organizations: ['system:nodes'] };
  const pem = await makeCertificateRequest(key, { subject, names: ['a', '192.0.2.1', 'FD00::1'] });
  const request = readCertificateRequest(pem);
  assert.deepEqual(request.subject, subject);
  assert.deepEqual([request.dnsNames, request.ipAddresses], [['a'], ['192.0.2.1', 'fd00::1']]);
  assert.equal(checkRequestSignature(request), undefined);
  const options = { ...made, usages: ['digital signature', 'server auth'] };
  const certificate = new X509Certificate(await signCertificateRequest(authority, pem, options));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key.reveal())));
  await assert.rejects(makeCertificateRequest(new Secret('no key'), { subject, names: [] }));
});

test('publicKeyPin() is what kubeadm and openssl name a key', () => {
  const key = execFileSync('openssl', ['x509', '-pubkey', '-noout'], {
    input: authority.certificate,
  });
  const der = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'der'], { input: key });
  const digest = execFileSync('openssl', ['dgst', '-sha256', '-hex', '-r'], { input: der });
  assert.equal(publicKeyPin(authority.certificate), `sha256:${String(digest).split(' ')[0]}`);
});
