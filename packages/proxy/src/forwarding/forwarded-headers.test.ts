import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestHeaders, upgradeHeaders } from './forwarded-headers.ts';

const peer = { address: '127.0.0.1' };
const strict = { mayImpersonate: false };

test('requestHeaders() keeps what is meant for the cluster', () => {
  const headers = { accept: 'a', cookie: 'b', 'user-agent': 'c', 'content-length': '2', host: 'd' };
  assert.deepEqual(
    { ...requestHeaders({ headers, peer }, strict) },
    {
      accept: 'a',
      cookie: 'b',
      'user-agent': 'c',
      'content-length': '2',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'd',
      'x-forwarded-proto': 'http',
    },
  );
});

test('requestHeaders() drops who the caller says to be, and what belongs to its connection', () => {
  const headers = {
    host: 'localhost',
    authorization: 'Bearer stolen',
    'impersonate-user': 'admin',
    'impersonate-extra-scopes': 'all',
    'x-remote-user': 'admin',
    'x-remote-group': ['system:masters'],
    connection: 'keep-alive, X-Secret',
    'x-secret': '1',
    te: 'trailers',
    'transfer-encoding': 'chunked',
    'proxy-authorization': 'Basic x',
    expect: '100-continue',
    upgrade: 'h2c',
  };
  assert.deepEqual(Object.keys(requestHeaders({ headers, peer }, strict)), [
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
  ]);
  const trusted = requestHeaders({ headers, peer }, { mayImpersonate: true });
  assert.equal(trusted['impersonate-user'], 'admin');
  assert.equal(trusted['authorization'], undefined);
});

test('what proves who a caller is goes on where callers prove it themselves', () => {
  const known = { mayImpersonate: true, areCallersKnown: true };
  const headers = { authorization: 'Bearer own', 'x-remote-user': 'admin' };
  assert.equal(requestHeaders({ headers, peer }, known)['authorization'], 'Bearer own');
  assert.equal(requestHeaders({ headers, peer }, known)['x-remote-user'], undefined);
  const protocols = 'base64url.bearer.authorization.k8s.io.b3du, v5.channel.k8s.io';
  const upgrade = { upgrade: 'websocket', 'sec-websocket-protocol': protocols };
  const sent = upgradeHeaders({ headers: upgrade, peer }, known);
  assert.equal(sent['sec-websocket-protocol'], protocols);
});

test('requestHeaders() adds the caller to those who forwarded before, and nobody for a Unix socket', () => {
  const headers = { 'x-forwarded-for': ['1.1.1.1', '2.2.2.2'], 'x-forwarded-proto': 'https' };
  const sent = requestHeaders({ headers, peer }, strict);
  assert.equal(sent['x-forwarded-for'], '1.1.1.1, 2.2.2.2, 127.0.0.1');
  assert.equal(sent['x-forwarded-proto'], 'https');
  const local = requestHeaders({ headers: {}, peer: { address: '' } }, strict);
  assert.equal('x-forwarded-for' in local, false);
});

test('upgradeHeaders() keeps the subprotocols asked for, without a token among them', () => {
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'k',
    'sec-websocket-protocol': 'v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c3RvbGVu',
  };
  const sent = upgradeHeaders({ headers, peer }, strict);
  assert.equal(sent['sec-websocket-key'], 'k');
  assert.equal(sent['sec-websocket-protocol'], 'v5.channel.k8s.io');
});
