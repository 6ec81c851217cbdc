import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodejsHost } from '@fairway/host/nodejs';
import { advertisedAddress, localUrl, remoteUrls, serverNames } from './server-names.ts';

const environment = {
  ...nodejsHost().environment,
  hostName: 'laptop',
  addresses: ['192.0.2.7', '2001:db8::7'],
};
const extraNames = ['kube.example', '*.kube.example', '2001:db8::9'];

function urlsFor(host: string): readonly string[] {
  return remoteUrls(environment, { listen: { host }, extraNames }, 'https://127.0.0.1:6443');
}

test('localUrl() leads to the server, also where it listens on every interface', () => {
  assert.equal(localUrl('https://0.0.0.0:6443'), 'https://127.0.0.1:6443');
  assert.equal(localUrl('https://[::]:6443'), 'https://[::1]:6443');
  assert.equal(localUrl('https://192.0.2.7:6443'), 'https://192.0.2.7:6443');
});

test('remoteUrls() names what leads to the server from elsewhere', () => {
  const names = ['https://kube.example:6443', 'https://[2001:db8::9]:6443'];
  assert.deepEqual(urlsFor('0.0.0.0'), ['https://192.0.2.7:6443', ...names]);
  assert.deepEqual(urlsFor('::'), [
    'https://192.0.2.7:6443',
    'https://[2001:db8::7]:6443',
    ...names,
  ]);
  assert.deepEqual(urlsFor('198.51.100.1'), ['https://198.51.100.1:6443', ...names]);
  for (const host of ['127.0.0.1', '127.0.0.53', '::1', 'localhost']) {
    assert.deepEqual(urlsFor(host), []);
  }
});

test('advertisedAddress() is where the server is bound, or an address of the machine', () => {
  const on = (...addresses: string[]) => ({ ...environment, addresses });
  assert.equal(advertisedAddress(environment, '198.51.100.1'), '198.51.100.1');
  for (const boundTo of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
    const both = on('169.254.7.7', '2001:db8::7', '192.0.2.7');
    assert.equal(advertisedAddress(both, boundTo), '192.0.2.7');
    assert.equal(advertisedAddress(on('2001:db8::7'), boundTo), '2001:db8::7');
    assert.equal(advertisedAddress(on('169.254.7.7'), boundTo), '127.0.0.1');
  }
});

test('serverNames() holds every name that localUrl() and remoteUrls() give out', () => {
  for (const host of ['0.0.0.0', '::', '198.51.100.1', '127.0.0.53', 'localhost']) {
    const options = { listen: { host }, extraNames, serviceAddress: '10.0.0.1' };
    const names = serverNames(environment, options);
    const local = localUrl(`https://${host.includes(':') ? `[${host}]` : host}:6443`);
    for (const url of [local, ...urlsFor(host)]) {
      assert.ok(names.includes(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')), url);
    }
    for (const name of ['laptop', 'kube.example', '*.kube.example']) {
      assert.ok(names.includes(name), name);
    }
  }
});
