import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { ConnectedClient } from '@fairway/client/connect';
import { isSignedBy, signatureKey } from '@fairway/kind-rules/nodes';
import { ConfigMap, Secret } from '@fairway/kinds/core/v1';
import { parseBootstrapToken } from '@fairway/protocol';
import type { CommandLine } from './command-line.ts';
import { type ClusterWithoutNode, openClusterWithoutNode } from './cluster-without-node.ts';

suite('commands about tokens by which nodes join', () => {
  let open: ClusterWithoutNode;
  let shell: CommandLine;
  let admin: ConnectedClient;

  before(async () => {
    open = await openClusterWithoutNode();
    ({ shell, admin } = open);
  });
  after(() => open[Symbol.asyncDispose]());

  const output = async (...words: string[]): Promise<string> => {
    const { exitCode, out, err } = await shell.run('token', ...words);
    assert.equal(exitCode, 0, err);
    return out;
  };

  test('a token is made, listed and deleted, and cluster-info is signed with it meanwhile', async () => {
    const made = (await output('create', '--ttl', '1h', '--description', 'for a test')).trim();
    const token = parseBootstrapToken(made);
    assert.ok(token !== undefined, made);
    const row = new RegExp(
      `^${token.id}\\.${token.secret} +(1h0m0s|59m5\\ds) +\\S+Z +authentication,signing +for a test +system:bootstrappers:kubeadm:default-node-token$`,
      'm',
    );
    assert.match(await output('list'), row);
    const place = { namespace: 'kube-public' };
    const key = signatureKey(token.id);
    const signed = await admin.waitFor(
      ConfigMap,
      'cluster-info',
      (map) => map?.data?.[key] !== undefined,
      place,
    );
    const { kubeconfig: text = '' } = signed?.data ?? {};
    assert.ok(isSignedBy(signed?.data?.[key] ?? '', { text, token }));
    assert.equal(await output('delete', made), `bootstrap token "${token.id}" deleted\n`);
    await admin.waitFor(ConfigMap, 'cluster-info', (map) => map?.data?.[key] === undefined, place);
    assert.doesNotMatch(await output('list'), new RegExp(token.id));
    const { exitCode, err } = await shell.run('token', 'delete', token.id);
    assert.match(`${exitCode} ${err}`, /^1 error: there is no token .* token list` shows all/);
  });

  test('--print-join-command prints all that a machine needs, and says who reaches it', async () => {
    const words = ['create', '123abc.0123456789abcdef', '--ttl=0', '--print-join-command'];
    const { out, err } = await shell.run('token', ...words);
    assert.match(
      out,
      /^\S*fairway node --join https:\/\/127\.0\.0\.1:\d+ --token 123abc\.0123456789abcdef --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}\n$/,
    );
    assert.match(err, /^warning: only this machine reaches https:.* --listen 0\.0\.0\.0:6443/);
    assert.match(await output('list'), /^123abc\.0123456789abcdef +<forever> +<never> /m);
    const again = await shell.run('token', ...words);
    assert.match(`${again.exitCode} ${again.err}`, /^1 error: a token with the ID 123abc exists/);
  });

  test('what cannot be a token is refused before anything is made', async () => {
    const before = await admin.list(Secret, { namespace: 'kube-system' }).all();
    for (const [words, why] of [
      [['create', 'abcdef.tooshort'], /the token is none: it is ID\.SECRET/],
      [['create', '--ttl', 'soon'], /cannot use --ttl "soon": it is no time/],
      [['create', '--ttl', '-1h'], /cannot use --ttl "-1h"/],
      [['create', '--usages', 'dreaming'], /cannot use --usages "dreaming": there are auth/],
      [['create', '--groups', 'system:masters'], /cannot use --groups "system:masters"/],
      [['delete', 'ABCDEF'], /the token is none/],
    ] as const) {
      const { exitCode, err } = await shell.run('token', ...words);
      assert.match(err, why);
      assert.equal(exitCode, 1);
      assert.doesNotMatch(err, /tooshort/, 'it may be most of a secret');
    }
    const after = await admin.list(Secret, { namespace: 'kube-system' }).all();
    assert.equal(after.items.length, before.items.length);
  });
});
