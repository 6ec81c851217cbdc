import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { makeCertificateRequest } from './testing.ts';
import { checkRequestSignature } from './check-request-signature.ts';
import { DerError, derBytes, readDerValues } from './der.ts';
import { issueCertificate, makeCertificateAuthority } from './issue-certificate.ts';
import { formatPem, readPemBlocks } from './pem.ts';
import { readCertificate } from './read-certificate.ts';
import { readCertificateRequest } from './read-certificate-request.ts';
import { signCertificateRequest } from './sign-certificate-request.ts';

const clock = new ManualClock();
const made = { clock, random: seededRandom(1), validityMs: 24 * 3_600_000 };
const authority = await makeCertificateAuthority({
  ...made,
  subject: { commonName: 'ca', organizations: [] },
});
const full = await makeCertificateRequest({
  subject: 'C=SE, O=b, O=a, OU=unit, CN=first, CN=ann, 1.3.6.1.4.1.57683.2=stolen-uid',
  names: [
    { type: 'dns', value: 'a.example' },
    { type: 'ip', value: '192.0.2.1' },
    { type: 'ip', value: '2001:db8::1' },
    { type: 'email', value: 'ann@a.example' },
    { type: 'url', value: 'spiffe://a.example/x' },
  ],
});

test('readCertificateRequest() reads whom and what a request names', () => {
  const { subject, ...facts } = readCertificateRequest(full.request);
  assert.deepEqual(subject, { commonName: 'ann', organizations: ['b', 'a'], uid: 'stolen-uid' });
  assert.deepEqual(facts.dnsNames, ['a.example']);
  assert.deepEqual(facts.ipAddresses, ['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(facts.emailAddresses, ['ann@a.example']);
  assert.deepEqual(facts.uris, ['spiffe://a.example/x']);
});

test('readCertificateRequest() refuses what is no request, and one with more behind it', () => {
  const refused = (text: string, message: RegExp): void =>
    assert.throws(() => readCertificateRequest(text), { name: 'DerError', message });
  const [block] = readPemBlocks(full.request);
  const der = block?.der ?? Buffer.of();
  refused('no PEM', /PEM block type must be CERTIFICATE REQUEST/);
  refused(formatPem('NEW CERTIFICATE REQUEST', der), /block type must be/);
  refused(`${formatPem('CERTIFICATE', der)}${full.request}`, /block type must be/);
  refused(formatPem('CERTIFICATE REQUEST', Buffer.from([...der, 5, 0])), /something follows/);
  refused(formatPem('CERTIFICATE REQUEST', Buffer.from([0x30, 2, 0x30, 0])), /not signed/);
});

test('readCertificateRequest() and the check of its signature throw DerError only, or answer', () => {
  const [block] = readPemBlocks(full.request);
  const der = block?.der ?? Buffer.of();
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (index, byte) => {
      const changed = Uint8Array.from(der);
      changed[index] = byte;
      try {
        const request = readCertificateRequest(formatPem('CERTIFICATE REQUEST', changed));
        const isSame = der[index] === byte;
        assert.equal(checkRequestSignature(request) === undefined, isSame, `byte ${index}`);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.ok(error instanceof DerError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('checkRequestSignature() knows the keys of Kubernetes, and their signatures', async () => {
  const ec = (namedCurve: string, hash: string) => ({ name: 'ECDSA', namedCurve, hash });
  const rsa = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
  for (const algorithm of [
    ec('P-256', 'SHA-512'),
    ec('P-384', 'SHA-384'),
    ec('P-521', 'SHA-256'),
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', ...rsa },
    { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32, ...rsa },
    { name: 'Ed25519', namedCurve: 'Ed25519' },
  ]) {
    const { request } = await makeCertificateRequest({ subject: 'CN=x', algorithm });
    const facts = readCertificateRequest(request);
    assert.equal(checkRequestSignature(facts), undefined, algorithm.name);
    const signature = Uint8Array.from(facts.signature);
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    const failure = checkRequestSignature({ ...facts, signature }) ?? '';
    assert.match(failure, /verification (failure|error)$/, algorithm.name);
    const other = readCertificateRequest(full.request);
    if (algorithm.name === 'ECDSA') continue;
    assert.match(
      checkRequestSignature({ ...facts, publicKey: other.publicKey }) ?? '',
      /specifies an .* public key/,
    );
  }
});

test('signCertificateRequest() certifies key, subject and names, and no uid', async () => {
  const usages = ['client auth', 's/mime', 'digital signature', 'key encipherment'];
  const validityMs = 3_600_000;
  const pem = await signCertificateRequest(authority, full.request, {
    ...made,
    validityMs,
    usages,
  });
  const certificate = new X509Certificate(pem);
  const facts = readCertificate(pem);
  assert.deepEqual(facts.subject, { commonName: 'ann', organizations: ['b', 'a'] });
  assert.equal(certificate.subject, 'C=SE\nO=b\nO=a\nOU=unit\nCN=ann');
  assert.deepEqual(facts.ipAddresses, ['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(
    [facts.emailAddresses, facts.uris],
    [['ann@a.example'], ['spiffe://a.example/x']],
  );
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4']);
  assert.equal(facts.isAuthority, false);
  assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(full.key.reveal())));
  assert.equal(facts.notBeforeMs, clock.now() - 300_000);
  assert.equal(facts.notAfterMs, clock.now() + validityMs);
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem }).toString();
  assert.match(text, /Key Usage: critical\s+Digital Signature, Key Encipherment\s/);
  assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
});

test('signCertificateRequest() leaves out of a subject what is no text, as a kube-apiserver does', async () => {
  const text = 'a unit of its own';
  const { request } = await makeCertificateRequest({ subject: `CN=ann, OU=${text}` });
  const [block] = readPemBlocks(request);
  const der = Buffer.from(block?.der ?? []);
  // A string of a type that nobody writes any more: NumericString.
  der[der.indexOf(text) - 2] = 0x12;
  const pem = formatPem('CERTIFICATE REQUEST', der);
  const signed = await signCertificateRequest(authority, pem, { ...made, usages: ['any'] });
  assert.equal(new X509Certificate(signed).subject, 'CN=ann');
});

test('signCertificateRequest() gives no more time than the authority has, and the skew back', async () => {
  const sign = async (validityMs: number, by = authority): Promise<number> =>
    readCertificate(
      await signCertificateRequest(by, full.request, { ...made, validityMs, usages: ['any'] }),
    ).notAfterMs - clock.now();
  assert.equal(await sign(10 * 3_600_000), 10 * 3_600_000 - 300_000);
  assert.equal(await sign(100 * 3_600_000), 24 * 3_600_000);
  const expired = new ManualClock(clock.now() - 48 * 3_600_000);
  const gone = await makeCertificateAuthority({
    ...made,
    clock: expired,
    subject: { commonName: 'gone', organizations: [] },
  });
  await assert.rejects(sign(1_000, gone), /own certificate has expired at 20/);
  const nothing = { ...made, usages: ['to fly'] };
  await assert.rejects(signCertificateRequest(authority, full.request, nothing), RangeError);
});

test('readPemBlocks() passes over what is no block', () => {
  const types = (text: string) => [...readPemBlocks(text)].map(({ type }) => type);
  const block = formatPem('A', Buffer.from('abc'));
  assert.deepEqual(types(`junk\n${block}between\n${formatPem('B', Buffer.of())}`), ['A', 'B']);
  assert.deepEqual(types(block.replace('YWJj', 'Y-Jj')), []);
  assert.deepEqual(types(block.replace('YWJj', 'YWJ')), []);
  assert.deepEqual(types(block.replace('END A', 'END B')), []);
  assert.deepEqual(types(`x${block}`), []);
  const withHeaders = block.replace('\nYWJj', '\nKey: value\n\nYWJj');
  assert.deepEqual(
    [...readPemBlocks(withHeaders)].map(({ hasHeaders }) => hasHeaders),
    [true],
  );
});

test('derBytes() writes what was read', async () => {
  const { certificate } = await issueCertificate(
    authority,
    { kind: 'client' },
    {
      ...made,
      subject: { commonName: 'x'.repeat(300), organizations: ['y'.repeat(90)] },
    },
  );
  const { raw } = new X509Certificate(certificate);
  const [whole] = readDerValues(raw);
  assert.deepEqual(whole === undefined ? undefined : Buffer.from(derBytes(whole)), raw);
});
