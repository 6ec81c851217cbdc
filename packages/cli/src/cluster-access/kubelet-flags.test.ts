import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { nodejsHost } from '@fairway/host/nodejs';
import { MemoryFiles } from '@fairway/host/testing';
import { preferredAddressTypes, readKubeletTrust } from './kubelet-flags.ts';

const { client, authority } = await makeTestCertificates();
const { environment } = nodejsHost();

async function hostWith(texts: Readonly<Record<string, string>>) {
  const files = new MemoryFiles();
  for (const [path, text] of Object.entries(texts)) await files.write(path, Buffer.from(text));
  return { files, environment };
}

const whole = {
  kubeletClientCertificate: '/client.crt',
  kubeletClientKey: '/client.key',
  kubeletCertificateAuthority: '/ca.crt',
};

test('flags say as whom kubelets are asked and how they are known; the rest is as it was', async () => {
  const host = await hostWith({
    '/client.crt': client.certificate,
    '/client.key': client.key.reveal(),
    '/ca.crt': authority.certificate,
  });
  const trust = await readKubeletTrust(host, { ...whole, kubeletTimeout: '2s' }, {});
  assert.equal(trust.client?.certificate, client.certificate);
  assert.equal(trust.client?.key.reveal(), client.key.reveal());
  assert.equal(trust.certificateAuthority, authority.certificate);
  assert.equal(trust.connectTimeoutMs, 2_000);
  const own = { client, certificateAuthority: 'x' };
  assert.deepEqual(await readKubeletTrust(host, {}, own), own);
});

test('flags that cannot be used are refused with what is wrong, and never with a key', async () => {
  const host = await hostWith({ '/client.crt': 'x', '/client.key': 'secret', '/ca.crt': 'x' });
  for (const [flags, message] of [
    [{ kubeletClientKey: '/client.key' }, /belong together/],
    [
      { kubeletCertificateAuthority: '/ca.crt' },
      /--kubelet-certificate-authority \/ca.crt: it holds/,
    ],
    [{ kubeletCertificateAuthority: '/gone' }, /there is no such file/],
    [{ kubeletTimeout: 'soon' }, /--kubelet-timeout "soon"/],
    [{ kubeletTimeout: '0s' }, /--kubelet-timeout "0s"/],
  ] as const) {
    await assert.rejects(readKubeletTrust(host, flags, {}), { name: 'CommandError', message });
  }
  const withCertificate = await hostWith({
    '/client.crt': client.certificate,
    '/client.key': 'secret',
  });
  const { kubeletCertificateAuthority: _, ...pair } = whole;
  await assert.rejects(readKubeletTrust(withCertificate, pair, {}), (error: Error) => {
    return /--kubelet-client-key/.test(error.message) && !/secret/.test(error.message);
  });
  assert.throws(() => preferredAddressTypes({ kubeletPreferredAddressTypes: ['Nothing'] }), {
    name: 'CommandError',
    message: /"Nothing": it is none of Hostname/,
  });
});
