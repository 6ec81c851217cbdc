import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodejsFiles, systemClock, systemRandom } from '@fairway/host/nodejs';
import { ManualClock, MemoryFiles, seededRandom } from '@fairway/host/testing';
import {
  CertificateError,
  type EnsureCertificatesOptions,
  type EnsuredCertificates,
  ensureCertificates,
} from './ensure-certificates.ts';
import { issueCertificate, makeCertificateAuthority } from './issue-certificate.ts';
import { readCertificate } from './read-certificate.ts';

const dayMs = 24 * 3_600_000;

function scene(changes: Partial<EnsureCertificatesOptions> = {}) {
  const clock = new ManualClock();
  const files = new MemoryFiles({}, clock);
  const options: EnsureCertificatesOptions = {
    files,
    clock,
    random: seededRandom(7),
    directory: '/pki',
    authorityName: 'fairway-ca',
    serverNames: ['kubernetes', 'localhost', '127.0.0.1', '::1'],
    clients: {
      admin: { commonName: 'admin', organizations: ['system:masters', 'b, O=evil\nCN=x'] },
    },
    ...changes,
  };
  return { clock, files, options };
}

test('ensureCertificates() makes an authority and what it certifies, with private keys', async () => {
  const { files, options, clock } = scene();
  const made = await ensureCertificates(options);
  const facts = readCertificate(made.server.certificate);
  assert.deepEqual(facts.dnsNames, ['kubernetes', 'localhost']);
  assert.deepEqual(facts.ipAddresses, ['127.0.0.1', '::1']);
  assert.equal(facts.isAuthority, false);
  assert.ok(facts.notBeforeMs < clock.now() && facts.notAfterMs > clock.now() + 300 * dayMs);
  const admin = readCertificate(made.clients['admin']?.certificate ?? '');
  assert.deepEqual(admin.subject, options.clients['admin']);
  assert.equal(readCertificate(made.authority.certificate).isAuthority, true);
  for (const name of ['ca', 'server', 'admin']) {
    assert.equal((await files.stat(`/pki/${name}.key`))?.mode, 0o600);
  }
});

test('ensureCertificates() keeps what is good', async () => {
  const { options } = scene();
  const first = await ensureCertificates(options);
  const second = await ensureCertificates(options);
  assert.equal(second.authority.certificate, first.authority.certificate);
  assert.equal(second.server.certificate, first.server.certificate);
  assert.equal(second.clients['admin']?.certificate, first.clients['admin']?.certificate);
});

test('ensureCertificates() issues anew what names something else or expires soon', async () => {
  const { options, clock } = scene();
  const first = await ensureCertificates(options);
  const renamed = await ensureCertificates({ ...options, serverNames: ['localhost'] });
  assert.notEqual(renamed.server.certificate, first.server.certificate);
  assert.equal(renamed.clients['admin']?.certificate, first.clients['admin']?.certificate);
  clock.jump(340 * dayMs);
  const later = await ensureCertificates(options);
  assert.equal(later.authority.certificate, first.authority.certificate);
  assert.notEqual(later.clients['admin']?.certificate, first.clients['admin']?.certificate);
});

test('ensureCertificates() issues anew after a damaged file and after a new authority', async () => {
  const { options, files } = scene();
  const first = await ensureCertificates(options);
  files.put('/pki/server.crt', 'not a certificate');
  const second = await ensureCertificates(options);
  assert.notEqual(second.server.certificate, first.server.certificate);
  await files.remove('/pki/ca.crt');
  const third = await ensureCertificates(options);
  assert.notEqual(third.authority.certificate, first.authority.certificate);
  const server = new X509Certificate(third.server.certificate);
  assert.ok(server.verify(new X509Certificate(third.authority.certificate).publicKey));
});

test('ensureCertificates() refuses an authority that it cannot use, with the remedy', async () => {
  const { options, files } = scene();
  await ensureCertificates(options);
  const key = files.text('/pki/ca.key') ?? '';
  const certificate = files.text('/pki/ca.crt') ?? '';
  const problem = async (): Promise<string> => {
    const error: unknown = await ensureCertificates(options).then(undefined, (reason) => reason);
    assert.ok(error instanceof CertificateError);
    assert.match(error.message, /^cannot use the certificate authority \/pki\/ca\.crt: .*ca\.crt/s);
    assert.doesNotMatch(error.message, /PRIVATE/);
    return error.problem;
  };
  await files.remove('/pki/ca.key');
  assert.equal(await problem(), 'authority-key-missing');
  files.put('/pki/ca.key', files.text('/pki/server.key') ?? '');
  assert.equal(await problem(), 'authority-unusable');
  files.put('/pki/ca.key', key);
  files.put('/pki/ca.crt', certificate.slice(0, 200));
  assert.equal(await problem(), 'authority-unusable');
});

test('ensureCertificates() issues anew what a wrong clock has dated, and keeps the key of the authority', async () => {
  const { options, files, clock } = scene();
  const yearMs = 365 * dayMs;
  clock.jump(yearMs);
  const ahead = await ensureCertificates(options);
  clock.jump(-yearMs);
  const right = await ensureCertificates(options);
  clock.jump(-yearMs);
  const behind = await ensureCertificates(options);
  const later = async (): Promise<EnsuredCertificates> => {
    clock.jump(3_651 * dayMs);
    return ensureCertificates(options);
  };
  isUsable(behind, clock);
  for (const made of [right, behind]) assert.notDeepEqual(made, ahead);
  const expired = await later();
  isUsable(expired, clock);
  for (const made of [right, behind, expired]) {
    assert.equal(made.authority.key.reveal(), ahead.authority.key.reveal());
    assert.equal(made.authority.certificate === ahead.authority.certificate, false);
  }
  assert.equal(files.text('/pki/ca.crt'), expired.authority.certificate);
  const server = new X509Certificate(right.server.certificate);
  assert.ok(server.checkIssued(new X509Certificate(expired.authority.certificate)));
  const authority = readCertificate(expired.authority.certificate);
  assert.deepEqual(authority.subject, readCertificate(ahead.authority.certificate).subject);
  assert.equal(authority.isAuthority, true);
});

test('ensureCertificates() keeps an authority that others have certified, and refuses it out of its time', async () => {
  const { options, files, clock } = scene();
  const { random } = options;
  const issue = { clock, random, subject: { commonName: 'root', organizations: [] } };
  const root = await makeCertificateAuthority({ ...issue, validityMs: 3_650 * dayMs });
  const use = { kind: 'client' } as const;
  const subject = { commonName: 'between', organizations: [] };
  const between = await issueCertificate(root, use, { ...issue, subject, validityMs: 20 * dayMs });
  files.put('/pki/ca.crt', between.certificate);
  files.put('/pki/ca.key', between.key.reveal());
  assert.equal((await ensureCertificates(options)).authority.certificate, between.certificate);
  for (const jumpMs of [-dayMs, 22 * dayMs]) {
    clock.jump(jumpMs);
    await assert.rejects(ensureCertificates(options), (error) => {
      assert.ok(error instanceof CertificateError);
      assert.equal(error.problem, 'authority-not-valid-now');
      assert.match(error.message, /valid from 2025-12-31.* to 2026-01-21.* only; check the clock/);
      return true;
    });
  }
  assert.equal(files.text('/pki/ca.crt'), between.certificate);
});

/** All three are valid now, and the authority has certified the other two. */
function isUsable({ authority, server, clients }: EnsuredCertificates, clock: ManualClock): void {
  const issuer = new X509Certificate(authority.certificate);
  const admin = clients['admin'];
  assert.ok(admin);
  for (const { certificate, key } of [authority, server, admin]) {
    const { notBeforeMs, notAfterMs } = readCertificate(certificate);
    assert.ok(notBeforeMs <= clock.now() && clock.now() < notAfterMs);
    const parsed = new X509Certificate(certificate);
    assert.ok(parsed.checkPrivateKey(createPrivateKey(key.reveal())));
    assert.ok(parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey));
  }
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test(
  'ensureCertificates() satisfies openssl verify -x509_strict',
  { skip: hasOpenssl || process.env['CI'] ? false : 'openssl is not installed' },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-pki-'));
    try {
      const { options } = scene({
        files: nodejsFiles,
        clock: systemClock,
        random: systemRandom,
        directory,
      });
      await ensureCertificates(options);
      for (const [name, purpose] of [
        ['server', 'sslserver'],
        ['admin', 'sslclient'],
      ] as const) {
        const output = execFileSync('openssl', [
          'verify',
          '-x509_strict',
          '-purpose',
          purpose,
          '-CAfile',
          join(directory, 'ca.crt'),
          join(directory, `${name}.crt`),
        ]);
        assert.match(output.toString(), /: OK\n$/);
      }
      assert.equal((await nodejsFiles.stat(join(directory, 'ca.key')))?.mode, 0o600);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);
