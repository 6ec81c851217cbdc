import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impersonationHeaders } from './impersonate.ts';

test('impersonationHeaders() has a line per group and per value, and escapes keys', () => {
  const headers = impersonationHeaders({
    user: 'jane',
    uid: 'u-1',
    groups: ['dev', 'ops'],
    extra: { 'acme.org/Größe%': ['1', '2'], scopes: ['view'] },
  });
  assert.deepEqual(headers, {
    'impersonate-user': 'jane',
    'impersonate-uid': 'u-1',
    'impersonate-group': ['dev', 'ops'],
    'impersonate-extra-acme.org%2fgr%c3%b6%c3%9fe%25': ['1', '2'],
    'impersonate-extra-scopes': ['view'],
  });
});
