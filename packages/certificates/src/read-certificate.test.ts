import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import fc from 'fast-check';
import { DerError, readDerText, readDerValues, readObjectIdentifier } from './der.ts';
import { issueCertificate, makeCertificateAuthority } from './issue-certificate.ts';
import type { CertificateSubject } from './names.ts';
import { readCertificate } from './read-certificate.ts';

function issueOptions(subject: CertificateSubject, seed = 1) {
  return { subject, validityMs: 3_600_000, clock: new ManualClock(), random: seededRandom(seed) };
}

const authority = await makeCertificateAuthority(
  issueOptions({ commonName: 'ca', organizations: [] }),
);

test('readCertificate() reads back every subject that can be issued', async () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
  const subjects = fc.record(
    { commonName: text, organizations: fc.array(text, { maxLength: 3 }), uid: text },
    { requiredKeys: ['commonName', 'organizations'], noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(subjects, async (subject) => {
      const issued = await issueCertificate(authority, { kind: 'client' }, issueOptions(subject));
      assert.deepEqual(readCertificate(issued.certificate).subject, subject);
    }),
    { numRuns: 25 },
  );
});

test('readCertificate() reads times, fingerprint and DER as well as PEM', () => {
  const parsed = new X509Certificate(authority.certificate);
  const facts = readCertificate(parsed.raw);
  assert.deepEqual(facts, readCertificate(authority.certificate));
  assert.equal(facts.notAfterMs, Date.UTC(2026, 0, 1, 1));
  assert.match(facts.fingerprint, /^[\da-f]{64}$/);
});

test('readCertificate() answers or throws, whatever byte of a certificate is changed', () => {
  const der = new X509Certificate(authority.certificate).raw;
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (index, byte) => {
      const changed = Uint8Array.from(der);
      changed[index] = byte;
      try {
        readCertificate(changed);
      } catch (error) {
        assert.ok(error instanceof Error && error.name !== 'RangeError');
      }
    }),
  );
});

test('readDerValues() splits or refuses every byte string', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        for (const value of readDerValues(bytes)) {
          if (value.tag === 6) readObjectIdentifier(value);
          else readDerText(value);
        }
      } catch (error) {
        assert.ok(error instanceof DerError);
      }
    }),
  );
});

test('readDerValues() refuses lengths that DER does not have', () => {
  for (const hex of [
    '0480',
    '048100',
    '0481017f',
    '04820001',
    '0405aabb',
    '048500000000',
    '1f',
    '04',
  ]) {
    assert.throws(() => readDerValues(Buffer.from(hex, 'hex')), DerError, hex);
  }
});

test('readObjectIdentifier() reads arcs of several bytes and refuses cut ones', () => {
  const read = (hex: string) => readObjectIdentifier({ tag: 6, content: Buffer.from(hex, 'hex') });
  assert.equal(read('550403'), '2.5.4.3');
  assert.equal(read('2b0601040183c25102'), '1.3.6.1.4.1.57681.2');
  assert.throws(() => read('5504ff'), DerError);
  assert.throws(() => read(''), DerError);
});
