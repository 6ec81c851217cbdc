import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { MemoryFiles } from '@fairway/host/testing';
import { collectBody } from '@fairway/protocol';
import type { Output } from '../output/output.ts';
import { openProxy } from './open-proxy.ts';

const output: Output = {
  write: async () => {},
  writeError: async () => {},
  writeStyled: async () => {},
  passOn: async () => {},
  hasColors: false,
};

/** As registered for the command. */
const defaults = {
  apiPrefix: '/',
  www: '',
  wwwPrefix: '/static/',
  keepalive: '0',
  acceptHosts: '^localhost$',
  acceptPaths: '^.*',
  acceptOrigins: '',
  allowOrigin: [],
  rejectPaths: '^$',
  rejectMethods: '^$',
  namespaceFence: [],
  allow: [],
  deny: [],
  serviceHosts: false,
};

const parts = {
  logger: silentLogger,
  place: { address: '127.0.0.1', unixSocket: '' },
  recorder: async () => undefined,
};

test('openProxy() closes the ways to other clusters, too, that somebody has asked', async () => {
  const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const files = new MemoryFiles();
  const kubeconfig = {
    clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: 'other', context: { cluster: 'a', user: '' } }],
    'current-context': 'other',
  };
  await files.write('/kubeconfig', Buffer.from(JSON.stringify(kubeconfig)));
  const flags = { ...defaults, kubeconfig: '/kubeconfig', clusters: ['all'] };
  const proxy = await openProxy({ host: { ...nodejsHost(), files }, output }, flags, parts);
  const ask = async (): Promise<string> => {
    const { status, body } = await proxy.handler({
      method: 'GET',
      path: '/clusters/other/version',
      query: '',
      headers: { host: 'localhost' },
      body: undefined,
      signal: new AbortController().signal,
    });
    return `${status} ${Buffer.from(await collectBody(body)).toString()}`;
  };
  try {
    assert.equal(await ask(), '200 here');
    await proxy[Symbol.asyncDispose]();
    assert.match(await ask(), /^502 .*the client has been closed/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('openProxy() refuses --clusters with what describes one cluster or user, before anything is read', async () => {
  const context = { host: { ...nodejsHost(), files: new MemoryFiles() }, output };
  for (const [flag, given] of [
    ['--cluster', { cluster: 'a' }],
    ['--user', { user: 'a' }],
    ['--server', { server: 'https://127.0.0.1:1' }],
    ['--token', { token: 'a' }],
    ['--username', { username: 'a' }],
    ['--password', { password: 'a' }],
    ['--certificate-authority', { certificateAuthority: 'a.pem' }],
    ['--client-certificate --client-key', { clientCertificate: 'a.pem', clientKey: 'a.pem' }],
    ['--tls-server-name', { tlsServerName: 'a' }],
    ['--insecure-skip-tls-verify', { insecureSkipTlsVerify: true }],
  ] as const) {
    const flags = { ...defaults, ...given, kubeconfig: '/absent', clusters: ['all'] };
    const why = `cannot use --clusters with ${flag}: each context has a cluster and a user`;
    await assert.rejects(openProxy(context, flags, parts), ({ message }: Error) =>
      message.startsWith(why),
    );
  }
});
