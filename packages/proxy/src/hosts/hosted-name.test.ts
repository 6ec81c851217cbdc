import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostedName, hostOf, parseHostedName, proxiedPath } from './hosted-name.ts';

const rows: readonly (readonly [string, Partial<HostedName>])[] = [
  ['web.default.svc.localhost', { kind: 'service', name: 'web', namespace: 'default', port: '' }],
  ['WEB.Default.SVC.localhost:8001', { kind: 'service', name: 'web', namespace: 'default' }],
  ['http.web.default.svc.localhost', { kind: 'service', name: 'web', port: 'http' }],
  ['8080.web.default.svc.localhost:8001', { kind: 'service', name: 'web', port: '8080' }],
  ['web-0.shop.pod.localhost', { kind: 'pod', name: 'web-0', namespace: 'shop', port: '' }],
  ['9090.web-0.shop.pod.localhost', { kind: 'pod', name: 'web-0', port: '9090' }],
  // A pod whose name has a dot.
  ['web.0.shop.pod.localhost', { kind: 'pod', name: 'web.0', namespace: 'shop', port: '' }],
  ['80.shop.pod.localhost', { kind: 'pod', name: '80', namespace: 'shop', port: '' }],
];

test('parseHostedName() reads services and pods, and a port before them', () => {
  for (const [host, expected] of rows) {
    const read = parseHostedName(host);
    assert.deepEqual({ ...read, ...expected }, read, host);
  }
});

test('hostOf() writes what parseHostedName() reads', () => {
  for (const [host] of rows) {
    const read = parseHostedName(host);
    assert.ok(read);
    assert.deepEqual(parseHostedName(hostOf(read)), read);
  }
});

test('parseHostedName() takes no other host for one of these', () => {
  for (const host of [
    '',
    'localhost',
    'localhost:8001',
    'svc.localhost',
    'default.svc.localhost',
    'a.b.c.d.svc.localhost',
    'web.default.svc.localhost.evil.example',
    'web.default.svc.evil.localhost.example',
    'web..svc.localhost',
    '-web.default.svc.localhost',
    'web/x.default.svc.localhost',
    'we%62.default.svc.localhost',
    'web.default.svc.localhost.',
    'web.default.svc.localhost:80:80',
    'user@web.default.svc.localhost',
    `${'a'.repeat(64)}.default.svc.localhost`,
  ]) {
    assert.equal(parseHostedName(host), undefined, host);
  }
});

test('proxiedPath() is where the API server has the same', () => {
  const web = { kind: 'service', namespace: 'a', name: 'web', port: '80' } as const;
  assert.equal(proxiedPath(web), '/api/v1/namespaces/a/services/web:80/proxy');
  assert.equal(proxiedPath(web, 'https'), '/api/v1/namespaces/a/services/https:web:80/proxy');
  const pod = { ...web, kind: 'pod', port: '' } as const;
  assert.equal(proxiedPath(pod), '/api/v1/namespaces/a/pods/web/proxy');
});
