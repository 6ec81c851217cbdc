import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type AcceptRules, acceptFilter, defaultAcceptRules } from './accept-filter.ts';

const get = { method: 'GET', path: '/version', headers: { host: '127.0.0.1:8001' } };

const refusalOf = acceptFilter(defaultAcceptRules);

function isAccepted(
  change: { method?: string; path?: string; headers?: Record<string, string> },
  rules: Partial<AcceptRules> = {},
): boolean {
  const headers = { ...get.headers, ...change.headers };
  return (
    acceptFilter({ ...defaultAcceptRules, ...rules })({ ...get, ...change, headers }) === undefined
  );
}

test('acceptFilter() accepts the names of this machine, with and without port, and no other host', () => {
  for (const host of ['localhost', 'localhost:8001', '127.0.0.1', '[::1]', '[::1]:8001']) {
    assert.equal(isAccepted({ headers: { host } }), true, host);
  }
  for (const host of [
    '',
    'evil',
    'localhost.',
    'localhost.evil',
    '127.0.0.2',
    '[::2]:8001',
    'a:b:c',
    '[::1',
  ]) {
    assert.equal(isAccepted({ headers: { host } }), false, host);
  }
  assert.equal(isAccepted({ headers: { host: '[::1]:1' } }, { acceptHosts: [/^::1$/] }), true);
});

test('acceptFilter() answers what kubectl proxy answers, byte for byte', () => {
  const refusal = refusalOf({ ...get, headers: { host: 'evil' } });
  assert.equal(refusal?.status, 403);
  assert.equal(Buffer.from(refusal?.body as Uint8Array).toString(), 'Forbidden\n');
  assert.equal(refusal?.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(refusal?.headers['x-content-type-options'], 'nosniff');
});

test('acceptFilter() sees through encoding, double slashes and dots', () => {
  const exec = '/api/v1/namespaces/a/pods/b/exec';
  assert.equal(isAccepted({ path: '/api/v1/namespaces/a/pods/b/log' }), true);
  for (const path of [
    exec,
    '/api/v1/namespaces/a/pods/b/%65xec',
    '/api/v1/namespaces/a/%70ods/b/attach',
    '//api/v1/namespaces/a/pods/b/exec',
    '/x/../api/v1/namespaces/a/pods/b/exec',
    '/api/v1/namespaces/a/pods/b/./exec',
    '/x/%2e%2e/api/v1/namespaces/a/pods/b/exec',
    '/api/v1/namespaces/a/pods/%0a/exec',
    '/api/v1/namespaces/a/pods/b%0d%0a/exec',
    '/api/v1/namespaces/a%e2%80%a8/pods/b/exec',
    '/api/v1/namespaces/a%e2%80%a9/pods/b/attach',
    '/api/v1/namespaces/a/pods%2fb/exec',
    '/api/v1/namespaces/a/pods/b%00/exec',
  ]) {
    assert.equal(isAccepted({ path }), false, path);
  }
  assert.equal(isAccepted({ path: exec }, { rejectPaths: [] }), true);
  assert.equal(refusalOf({ ...get, path: '/api/%zz' })?.status, 400);
});

test('acceptFilter() follows the rules for paths and methods', () => {
  assert.equal(isAccepted({ path: '/api/v1' }, { acceptPaths: [/^\/apis/] }), false);
  assert.equal(isAccepted({ path: '/apis/../api' }, { acceptPaths: [/^\/apis/] }), false);
  assert.equal(isAccepted({ method: 'POST' }, { rejectMethods: [/POST/, /PUT/] }), false);
  assert.equal(isAccepted({ path: '/apis/%0a' }, { rejectPaths: [/^\/apis\/.$/] }), false);
  assert.equal(isAccepted({ method: 'GET' }, { rejectMethods: [/POST/, /PUT/] }), true);
});

test('acceptFilter() refuses pages of other sites and lets programs and its own pages through', () => {
  const site = (value: string): Record<string, string> => ({ 'sec-fetch-site': value });
  for (const headers of [site('none'), site('same-origin'), { origin: 'http://127.0.0.1:8001' }]) {
    assert.equal(isAccepted({ headers }), true, JSON.stringify(headers));
  }
  for (const headers of [
    site('cross-site'),
    site('same-site'),
    site('Cross-Site'),
    site('anything new'),
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:3000' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://127.0.0.1:8001.evil.example' },
  ]) {
    assert.equal(isAccepted({ headers }), false, JSON.stringify(headers));
  }
  const acceptOrigins = [/^http:\/\/localhost:3000$/];
  const headers = { origin: 'http://localhost:3000', ...site('same-site') };
  assert.equal(isAccepted({ headers }, { acceptOrigins }), true);
});

test('acceptFilter() takes hosts that the proxy has made up, and links to applications', () => {
  const filter = acceptFilter(defaultAcceptRules);
  const host = 'web.default.svc.localhost:8001';
  const visit = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  const page = { ...visit, 'sec-fetch-dest': 'document' };
  const judged = (headers: Record<string, string>, method = 'GET') => ({
    method,
    path: '/',
    headers,
  });
  assert.equal(filter(judged({ host }))?.status, 403);
  assert.equal(filter(judged({ host }), 'application'), undefined);
  assert.equal(filter(judged({ host }), 'cluster'), undefined);
  assert.equal(filter(judged(page), 'application'), undefined);
  assert.equal(filter(judged(page), 'cluster')?.status, 403);
  assert.equal(filter(judged(page))?.status, 403);
  assert.equal(filter(judged(page, 'POST'), 'application')?.status, 403);
  const frame = { ...visit, 'sec-fetch-dest': 'iframe' };
  assert.equal(filter(judged(frame), 'application')?.status, 403);
  assert.equal(
    filter(judged({ ...page, 'sec-fetch-mode': 'no-cors' }), 'application')?.status,
    403,
  );
});

test('acceptFilter() never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (path, host, origin) => {
      refusalOf({ method: 'GET', path, headers: { host, origin } });
    }),
  );
});
