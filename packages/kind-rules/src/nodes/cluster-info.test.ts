import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSignedBy, signatureOf } from './cluster-info.ts';

const token = { id: 'abcdef', secret: '0123456789abcdef' };

test('a signature of cluster-info is known by the secret of its token, the text, and nothing else', () => {
  const signature = signatureOf('text', token);
  const holds = (given: string, text = 'text', secret = token.secret): boolean =>
    isSignedBy(given, { text, token: { ...token, secret } });
  assert.equal(holds(signature), true);
  assert.equal(holds(signature, 'texT'), false);
  assert.equal(holds(signature, 'text', '0123456789abcdeg'), false);
  const [header = '', , mac = ''] = signature.split('.');
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const forged of ['', header, `${header}..`, `${unsigned}..`, `${header}.dGV4dA.${mac}`]) {
    assert.equal(holds(forged), false, forged);
  }
  assert.equal(holds(`${signature}.`), false);
  assert.equal(holds(`####..${mac}`), false);
});
