import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseProxy } from './choose-proxy.ts';

const proxies = { HTTPS_PROXY: 'http://secure:3128', http_proxy: 'plain:8080' };

test('chooseProxy() takes the variable of the scheme, in upper or lower case', () => {
  assert.equal(chooseProxy(new URL('https://k8s.test'), proxies), 'http://secure:3128');
  assert.equal(chooseProxy(new URL('http://k8s.test'), proxies), 'http://plain:8080');
  assert.equal(chooseProxy(new URL('https://k8s.test'), {}), undefined);
});

test('chooseProxy() never asks a proxy for the machine itself', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]']) {
    assert.equal(chooseProxy(new URL(`https://${host}:6443`), proxies), undefined, host);
  }
});

for (const [noProxy, direct, proxied] of [
  ['*', ['a.test', '10.0.0.1'], []],
  [
    'example.org',
    ['example.org', 'api.example.org', 'EXAMPLE.org'],
    ['example.org.test', 'noexample.org'],
  ],
  ['.example.org', ['api.example.org'], ['example.org']],
  ['*.example.org', ['api.example.org'], ['example.org']],
  ['10.0.0.0/8', ['10.1.2.3'], ['11.0.0.1', 'ten.test']],
  ['10.0.0.1', ['10.0.0.1'], ['10.0.0.11', '10.0.0.1.test']],
  ['fd00::/8', ['[fd12::1]'], ['[fe80::1]']],
  ['a.test:6443, ,b.test', ['a.test:6443', 'b.test', 'b.test:1'], ['a.test', 'a.test:443']],
  ['10.0.0.0/99,10.0.0.0/x', [], ['10.0.0.0']],
] as const) {
  test(`chooseProxy() reads NO_PROXY=${noProxy}`, () => {
    const variables = { ...proxies, NO_PROXY: noProxy };
    const isDirect = (host: string): boolean =>
      chooseProxy(new URL(`https://${host}`), variables) === undefined;
    for (const host of direct) assert.ok(isDirect(host), host);
    for (const host of proxied) assert.ok(!isDirect(host), host);
  });
}
