import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsCertificate } from './pem.ts';

const block = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

test('holdsCertificate() finds blocks where lines begin, as OpenSSL and Go do', () => {
  assert.equal(holdsCertificate(block), true);
  assert.equal(holdsCertificate(`for people\n${block}`), true);
  assert.equal(holdsCertificate(`\r\n${block.replaceAll('\n', '\r\n')}`), true);
  // Base64 with something before it.
  assert.equal(holdsCertificate(`]u${block}`), false);
  assert.equal(holdsCertificate(''), false);
});
