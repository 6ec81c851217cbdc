import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { KubeletConnections } from './kubelet-connections.ts';

const { tls, authority, stranger } = await makeTestCertificates();

test('whose serving certificate nobody has signed is told how to have that done', async () => {
  const kubelet = createServer({ cert: tls.certificate, key: tls.key.reveal() }, (_, response) =>
    response.end('ok'),
  );
  kubelet.listen(0, '127.0.0.1');
  await once(kubelet, 'listening');
  const { port } = kubelet.address() as AddressInfo;
  const endpoint = { scheme: 'https', host: '127.0.0.1', port, node: 'n1' } as const;
  const request = { method: 'GET', path: '/', query: '', headers: {}, body: undefined } as const;
  const host = { clock: new ManualClock(), random: seededRandom(1) };
  const signal = new AbortController().signal;
  const ask = async (trusted: string, how: 'send' | 'upgrade'): Promise<unknown> => {
    await using kubelets = new KubeletConnections(host, { certificateAuthority: trusted });
    const way = kubelets.dial({ ...endpoint, containerRuntime: 'containerd://1.6.20' });
    const answer = await way[how]({ ...request, signal });
    return 'status' in answer ? answer.status : answer.kind;
  };
  try {
    assert.equal(await ask(authority.certificate, 'send'), 200);
    for (const how of ['send', 'upgrade'] as const) {
      await assert.rejects(ask(stranger.certificate, how), {
        name: 'ConnectionError',
        problem: 'tls-untrusted',
        message: `https://127.0.0.1:${port}: the serving certificate of the kubelet on node "n1" is not signed by the authority for kubelets, or not yet; find its request with \`kubectl get csr\`, and let it be signed with \`kubectl certificate approve NAME\``,
      });
    }
  } finally {
    kubelet.close();
    kubelet.closeAllConnections();
  }
});
