import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIngressFlags } from './ingress-flags.ts';

test('flags say where ingresses are served, or that they are not', () => {
  assert.equal(readIngressFlags({}), undefined);
  assert.deepEqual(readIngressFlags({ ingress: 'none' }), { kind: 'none' });
  const http = { host: '127.0.0.1', port: 8080 };
  const https = { host: '::1', port: 0 };
  assert.deepEqual(readIngressFlags({ ingress: '127.0.0.1:8080' }), { kind: 'ports', http });
  const both = readIngressFlags({ ingress: '127.0.0.1:8080', ingressTls: '[::1]:0' });
  assert.deepEqual(both, { kind: 'ports', http, https });
  assert.throws(() => readIngressFlags({ ingress: 'off' }), /"off": .* write --ingress 127/);
  assert.throws(() => readIngressFlags({ ingressTls: '443' }), /write --ingress-tls 127/);
  assert.throws(
    () => readIngressFlags({ ingress: 'none', ingressTls: '127.0.0.1:1' }),
    /--ingress-tls with --ingress none/,
  );
});
