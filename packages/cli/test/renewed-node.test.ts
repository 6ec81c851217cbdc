import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { CertifiedKey } from '@fairway/certificates';
import type { ConnectedClient } from '@fairway/client/connect';
import { silentLogger } from '@fairway/host';
import { SelfSubjectReview } from '@fairway/kinds/authentication/v1';
import { Node } from '@fairway/kinds/core/v1';
import { KeptCertificate, clientCertificateOf } from '@fairway/node-agent';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { createInformers } from '@fairway/reconcile';
import { readJoinedCluster } from '../src/joining/joined-cluster.ts';
import { openNodeConnection } from '../src/joining/node-connection.ts';
import type { CommandLine } from './command-line.ts';
import { type ClusterWithoutNode, openClusterWithoutNode } from './cluster-without-node.ts';

suite(
  'a node that joins by a bootstrap kubeconfig',
  { skip: await skipWithoutNamespaces() },
  () => {
    let open: ClusterWithoutNode;
    let shell: CommandLine;
    let admin: ConnectedClient;

    before(async () => {
      open = await openClusterWithoutNode();
      ({ shell, admin } = open);
    });
    after(() => open[Symbol.asyncDispose]());

    const flags = ['--node=process', '--node-name=n1', '--port=0', '--data-dir=n1'];

    /** Writes a kubeconfig with a token, and answers what joins by it. */
    const bootstrapWith = async (token: string): Promise<readonly string[]> => {
      const { server, trust } = admin.target;
      const authority = Buffer.from((await trust.certificateAuthority()) ?? '').toString('base64');
      const config = {
        'current-context': 'x',
        clusters: [{ name: 'x', cluster: { server, 'certificate-authority-data': authority } }],
        users: [{ name: 'x', user: { token } }],
        contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      };
      await writeFile(join(open.path, 'bootstrap.kubeconfig'), JSON.stringify(config));
      return ['node', '--bootstrap-kubeconfig', 'bootstrap.kubeconfig', ...flags];
    };

    test('is told when its token is not taken, and goes on with another one', async () => {
      const { exitCode, err } = await shell.run(
        ...(await bootstrapWith('abcdef.0123456789abcdef')),
      );
      assert.match(
        `${exitCode} ${err}`,
        /^1 error: the cluster does not take the token: it has expired, was deleted .*token create/,
      );
      const { out } = await shell.run('token', 'create');
      await using node = shell.start(...(await bootstrapWith(out.trim())));
      await node.until('It needs no token from now on');
      await admin.waitFor(Node, 'n1', { condition: 'Ready' });
    });

    test('renews its certificate itself, is known by the new one at once, and follows on', async () => {
      const { host } = shell;
      const directory = join(open.path, 'n1');
      const joined = await readJoinedCluster(host.files, directory);
      assert.ok(joined !== undefined);
      const certificateAt = (path: string): Promise<KeptCertificate> =>
        KeptCertificate.open({
          ...host,
          logger: silentLogger,
          path,
          wish: clientCertificateOf('n1'),
        });
      const first = await certificateAt(join(directory, 'pki/kubelet-client.pem'));
      await using connection = await openNodeConnection(host, joined, pairOf(first));
      const { client } = connection;
      const credential = async (): Promise<readonly string[] | undefined> =>
        (await client.create(SelfSubjectReview, {})).status?.userInfo?.extra?.[
          'authentication.kubernetes.io/credential-id'
        ];
      const before = await credential();
      const stopping = new AbortController();
      const { signal } = stopping;
      const informers = createInformers({ client, signal, logger: silentLogger });
      const nodes = informers.of(Node, { fieldSelector: 'metadata.name=n1' });
      const seen = Promise.withResolvers<void>();
      nodes.subscribe(({ object }) => {
        if (object.metadata?.labels?.['seen'] === 'yes') seen.resolve();
      });
      await nodes.synced;
      const second = await certificateAt(join(open.path, 'renewed.pem'));
      assert.equal(await second.request(client, signal), undefined);
      connection.renew(pairOf(second));
      assert.notDeepEqual(await credential(), before);
      await admin.patch(Node, 'n1', { merge: { metadata: { labels: { seen: 'yes' } } } });
      await seen.promise;
      stopping.abort();
    });
  },
);

function pairOf({ held }: KeptCertificate): CertifiedKey {
  assert.ok(held !== undefined);
  return held;
}
