import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localLink } from './local-link.ts';

const prefix = '/api/v1/namespaces/default/services/web/proxy';
const place = { prefix, hosts: new Set(['10.244.0.5:8080', '10.244.0.5', 'api.example:6443']) };

for (const [link, local] of [
  ['/landing', `${prefix}/landing`],
  ['/', `${prefix}/`],
  ['/a/b/?c=/d#e', `${prefix}/a/b/?c=/d#e`],
  ['/a%2Fb?x=&amp;y', `${prefix}/a%2Fb?x=&amp;y`],
  ['  /landing', `  ${prefix}/landing`],
  ['http://10.244.0.5:8080/x?y', `${prefix}/x?y`],
  ['https://API.example:6443/x', `${prefix}/x`],
  ['//10.244.0.5/x', `${prefix}/x`],
  ['http://10.244.0.5:8080', `${prefix}/`],
  ['http://10.244.0.5:8080?a', `${prefix}/?a`],
  [`http://api.example:6443${prefix}/x`, `${prefix}/x`],
] as const) {
  test(`localLink() leads ${link.trim()} through the proxy`, () => {
    assert.equal(localLink(link, place), local);
  });
}

test('localLink() leaves what leads elsewhere or is relative as it is', () => {
  for (const link of [
    'landing',
    './landing',
    '../x',
    '?a=b',
    '#top',
    '',
    'https://other.example/x',
    'http://10.244.0.5:8081/x',
    'http://user@10.244.0.5:8080/x',
    '//other.example/x',
    '/\\other.example/x',
    'mailto:a@b.example',
    'data:text/html,<a href="/x">',
    'javascript:alert(1)',
    `${prefix}/x`,
    prefix,
    `${prefix}?x`,
  ]) {
    assert.equal(localLink(link, place), link);
  }
  assert.equal(localLink(`${prefix}-2/x`, place), `${prefix}${prefix}-2/x`);
});
