import { equal, throws } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { makeSelfSigned } from '@fairway/certificates/testing';
import { CertificateAuthorities } from './certificate-authorities.ts';

const clock = new ManualClock();
const hourMs = 3_600_000;
const options = {
  subject: { commonName: 'ca', organizations: [] },
  validityMs: hourMs,
  clock,
  random: seededRandom(7),
};
const [ours, theirs] = [
  await makeCertificateAuthority(options),
  await makeCertificateAuthority(options),
];
const issued = await issueCertificate(ours, { kind: 'client' }, options);
const certificate = new X509Certificate(issued.certificate).raw;

test('authorities know whom they issued a certificate, and not whom another of their name did', () => {
  const both = new CertificateAuthorities(`# Ours\n${theirs.certificate}\n${ours.certificate}`);
  equal(both.haveIssued(certificate, clock.now()), true);
  equal(new CertificateAuthorities(theirs.certificate).haveIssued(certificate, clock.now()), false);
});

test('authorities are not believed after their time, though they were before', () => {
  const authorities = new CertificateAuthorities(ours.certificate);
  equal(authorities.haveIssued(certificate, clock.now()), true);
  equal(authorities.haveIssued(certificate, clock.now() + 2 * hourMs), false);
});

test('authorities are certificates of authorities, and the message tells which is none', () => {
  throws(() => new CertificateAuthorities('no PEM'), /it holds no certificate in PEM/);
  throws(
    () => new CertificateAuthorities(ours.certificate + issued.certificate),
    /certificate 2 in it is not of an authority/,
  );
  const damaged = ours.certificate.replace(/\n.{8}/, '\n');
  throws(() => new CertificateAuthorities(damaged), /certificate 1 in it is damaged/);
});

test('one that signed itself stands for itself alone, though it is of no authority', async () => {
  const alone = await makeSelfSigned('CN=kubeapitest');
  const { raw } = new X509Certificate(alone.certificate);
  const authorities = new CertificateAuthorities(alone.certificate);
  equal(authorities.haveIssued(raw, Date.now()), true);
  equal(authorities.haveIssued(certificate, clock.now()), false);
});
