import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { secretWarnings } from './secrets.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');

function warnings(certificate: string, key: string, type = 'kubernetes.io/tls'): readonly string[] {
  return [
    ...secretWarnings({
      type,
      data: { 'tls.crt': encode(certificate), 'tls.key': encode(key) },
    }),
  ];
}

function block(type: string, bytes = 'what'): string {
  return `-----BEGIN ${type}-----\n${encode(bytes)}\n-----END ${type}-----\n`;
}

test('secretWarnings() tells of a certificate and a key that are of no use together', async () => {
  const { authority } = await makeTestCertificates();
  const { certificate } = authority;
  const key = authority.key.reveal();
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem);
  const alien = generateKeyPairSync('ed25519').privateKey.export(pem);
  const skipping = 'after skipping PEM blocks of the following types:';
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    [certificate, key, undefined],
    [block('X') + certificate, block('X') + key, undefined],
    ['', key, 'tls: failed to find any PEM data in certificate input'],
    [certificate, 'no key', 'tls: failed to find any PEM data in key input'],
    [
      key,
      certificate,
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
    [
      block('A') + block('B'),
      key,
      `tls: failed to find "CERTIFICATE" PEM block in certificate input ${skipping} [A B]`,
    ],
    [
      certificate,
      certificate,
      'tls: found a certificate rather than a key in the PEM for the private key',
    ],
    [
      certificate,
      block('A'),
      `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input ${skipping} [A]`,
    ],
    [block('CERTIFICATE'), key, 'x509: malformed certificate'],
    [certificate, block('PRIVATE KEY'), 'tls: failed to parse private key'],
    [certificate, `${other}`, 'tls: private key does not match public key'],
    [certificate, `${alien}`, 'tls: private key type does not match public key type'],
  ];
  for (const [crt, ofKey, text] of rows) {
    assert.deepEqual(warnings(crt, ofKey), text === undefined ? [] : [text]);
  }
  assert.deepEqual(warnings('', '', 'Opaque'), []);
});
