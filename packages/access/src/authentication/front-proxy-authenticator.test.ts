import { deepEqual, equal } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpHeaders, HttpRequest } from '@fairway/protocol';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { CertificateAuthorities } from './certificate-authorities.ts';
import { clientCertificateAuthenticator } from './client-certificate-authenticator.ts';
import { frontProxyAuthenticator } from './front-proxy-authenticator.ts';
import { standardIdentityHeaders } from './identity-headers.ts';

const clock = new ManualClock();
const options = { validityMs: 3_600_000, clock, random: seededRandom(7) };
// The same name, so that only the signature tells them apart.
const subject = { commonName: 'ca', organizations: [] };
const proxyAuthority = await makeCertificateAuthority({ ...options, subject });
const clientAuthority = await makeCertificateAuthority({ ...options, subject });
const proxies = new CertificateAuthorities(proxyAuthority.certificate);
const clients = new CertificateAuthorities(clientAuthority.certificate);

async function certify(authority: typeof proxyAuthority, commonName: string): Promise<Uint8Array> {
  const issued = { ...options, subject: { commonName, organizations: ['system:masters'] } };
  const { certificate } = await issueCertificate(authority, { kind: 'client' }, issued);
  return new X509Certificate(certificate).raw;
}

const proxy = await certify(proxyAuthority, 'front-proxy');
const headers: HttpHeaders = {
  'x-remote-user': 'ann',
  'x-remote-uid': '7',
  'x-remote-group': ['ops', 'dev', ''],
  'x-remote-extra-acme.com%2fproject': ['one', 'two'],
  'x-remote-extra-bad%': 'kept',
};

function request(certificate?: Uint8Array, asked: HttpHeaders = headers): HttpRequest {
  const peer = {
    address: '127.0.0.1',
    ...(certificate === undefined ? {} : { certificate, isCertificateTrusted: true }),
  };
  const signal = new AbortController().signal;
  return { method: 'GET', path: '/', query: '', headers: asked, body: undefined, signal, peer };
}

function authenticator(allowedNames: readonly string[] = [], identity = standardIdentityHeaders) {
  const frontProxy = { authorities: proxies, allowedNames, identityHeaders: identity };
  return frontProxyAuthenticator(frontProxy, clock);
}

test('frontProxyAuthenticator() believes a front proxy who asks', async () => {
  deepEqual(await authenticator(['other', 'front-proxy'])(request(proxy)), {
    kind: 'authenticated',
    user: {
      username: 'ann',
      uid: '7',
      groups: ['ops', 'dev'],
      extra: { 'acme.com/project': ['one', 'two'], 'bad%': ['kept'] },
    },
  });
});

test('frontProxyAuthenticator() reads the first header of several that says who asks', async () => {
  const identity = { username: ['x-a', 'x-b'], uid: [], group: ['x-g', 'x-h'], extraPrefixes: [] };
  const asked = { 'x-a': '', 'x-b': 'bob', 'x-g': 'g', 'x-h': 'h', ...headers };
  deepEqual(await authenticator([], identity)(request(proxy, asked)), {
    kind: 'authenticated',
    user: { username: 'bob', groups: ['g', 'h'] },
  });
});

test('frontProxyAuthenticator() believes nobody else', async () => {
  const client = await certify(clientAuthority, 'front-proxy');
  for (const asked of [request(), request(client), request(proxy, {})]) {
    equal((await authenticator()(asked)).kind, 'unrecognised');
  }
  const untrusted = { ...request(proxy), peer: { address: '', certificate: proxy } };
  equal((await authenticator()(untrusted)).kind, 'unrecognised');
});

test('frontProxyAuthenticator() refuses a proxy whose name is not allowed', async () => {
  equal((await authenticator(['other'])(request(proxy))).kind, 'rejected');
});

test('a front proxy is no client, though the handshake trusts both', async () => {
  const authenticate = clientCertificateAuthenticator(clock, clients);
  equal((await authenticate(request(proxy))).kind, 'rejected');
  const client = await certify(clientAuthority, 'ann');
  equal((await authenticate(request(client))).kind, 'authenticated');
});
