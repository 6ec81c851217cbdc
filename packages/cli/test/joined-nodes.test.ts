import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { exec, logs } from '@fairway/client/streams';
import { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { Node, Pod, Secret } from '@fairway/kinds/core/v1';
import { ClusterRoleBinding } from '@fairway/kinds/rbac/v1';
import { skipWithoutNamespaces, until } from '@fairway/node-agent/testing';
import type { CommandLine, Printed } from './command-line.ts';
import { type ClusterWithoutNode, openClusterWithoutNode } from './cluster-without-node.ts';

const skip = await skipWithoutNamespaces();
const joinedWords = 'It needs no token from now on';

suite('nodes that join a cluster', { skip }, () => {
  let open: ClusterWithoutNode;
  let shell: CommandLine;
  let admin: ConnectedClient;
  /** What somebody types on the machine that joins, after `fairway`. */
  let joinWords: readonly string[];

  const newJoinWords = async (...flags: string[]): Promise<readonly string[]> => {
    const { out, err } = await shell.run('token', 'create', '--print-join-command', ...flags);
    assert.match(out, / node --join /, err);
    return out.slice(out.indexOf('node --join')).trim().split(' ');
  };

  before(async () => {
    open = await openClusterWithoutNode();
    ({ shell, admin } = open);
    joinWords = await newJoinWords();
  });
  after(() => open[Symbol.asyncDispose]());

  /** What is a node's own, beside the cluster. */
  const own = (name: string): readonly string[] => [
    '--node=process',
    `--node-name=${name}`,
    '--port=0',
    `--data-dir=${join(open.path, name)}`,
  ];
  const replaced = (words: readonly string[], flag: string, value: string): readonly string[] =>
    words.map((word, at) => (words[at - 1] === flag ? value : word));
  /** Joins in vain, and answers what is printed. */
  const refusal = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, err } = await shell.run(...words);
    assert.equal(exitCode, 1, err);
    return err;
  };

  /** Until the API server knows a node by its certificate. */
  const untilAnswering = async (name: string): Promise<void> => {
    const path = `/api/v1/nodes/${name}/proxy/healthz`;
    await until(`${name} is known by its certificate`, () =>
      admin.request({ path }).then(
        ({ status }) => status === 200 || undefined,
        () => undefined,
      ),
    );
  };

  /** A pod on one node that prints the secret that it is given. */
  const runPod = async (node: string): Promise<void> => {
    const name = `pod-${node}`;
    await admin.create(Secret, { metadata: { name }, stringData: { word: node } });
    const env = [{ name: 'WORD', valueFrom: { secretKeyRef: { name, key: 'word' } } }];
    const command = ['sh', '-c', 'echo said $WORD; exec sleep 1000'];
    const containers = [{ name: 'app', image: 'host', command, env }];
    const spec = { nodeName: node, terminationGracePeriodSeconds: 0, containers };
    await admin.create(Pod, { metadata: { name }, spec });
    await admin.waitFor(Pod, name, { condition: 'Ready' });
  };

  test('machines join by a token, run pods, and need none when they begin anew', async () => {
    const one = shell.start(...joinWords, ...own('n1'));
    await using two = shell.start(...joinWords, ...own('n2'));
    await Promise.all([one.until(joinedWords), two.until(joinedWords)]);
    for (const name of ['n1', 'n2']) {
      await runPod(name);
      await untilAnswering(name);
      assert.deepEqual(await Array.fromAsync(logs(admin, `pod-${name}`)), [`said ${name}`]);
      const process = await exec(admin, `pod-${name}`, { command: ['sh', '-c', 'echo $WORD'] });
      assert.equal(await process.stdout.text(), `${name}\n`);
    }
    const file = join(open.path, 'n1/pki/kubelet-client.pem');
    const { subject } = new X509Certificate(await readFile(file, 'utf8'));
    assert.equal(subject, 'O=system:nodes\nCN=system:node:n1');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(open.path, 'n1/pki')), [
      'kubelet-client.pem',
      'kubelet-serving.pem',
    ]);

    await keepsToItself(open.path);
    assert.match(
      await refusal(...joinWords, ...own('n1'), '--data-dir', join(open.path, 'twin')),
      /^error: the cluster has a node n1 already, which is ready; choose another name with --node-name/m,
    );

    one.interrupt();
    assert.equal((await one.ended).exitCode, 0);
    assert.deepEqual(await processesOf(join(open.path, 'n1')), []);
    await admin.delete(Pod, 'pod-n1');
    await using again = shell.start('node', ...own('n1'));
    await again.until(joinedWords);
    await admin.waitFor(Pod, 'pod-n1', { isDeleted: true });
    assert.match(
      await refusal('node', ...own('n1')),
      /^error: a node runs on \S+ already; stop it, or name another folder with --data-dir$/m,
    );
    const elsewhere = replaced(joinWords, '--join', 'https://192.0.2.1:6443');
    again.interrupt();
    await again.ended;
    assert.match(
      await refusal(...elsewhere, ...own('n1')),
      /belongs to a node of https:\/\/127.*, not of https:\/\/192\.0\.2\.1:6443; name another/,
    );
    assert.match(
      await refusal('node', ...own('n1'), '--node-name', 'n3'),
      /n3 .* is gone, or its time/,
    );
  });

  /** Node authorization and NodeRestriction, as the node itself meets them. */
  const keepsToItself = async (directory: string): Promise<void> => {
    await using node = await connect({ kubeconfig: join(directory, 'n1/kubeconfig') });
    assert.equal((await node.get(Secret, 'pod-n1')).metadata?.name, 'pod-n1');
    await assert.rejects(node.get(Secret, 'pod-n2'), /no relationship found between node 'n1'/);
    const merge = { metadata: { labels: { mine: 'x' } } };
    await node.patch(Node, 'n1', { merge });
    await assert.rejects(node.patch(Node, 'n2', { merge }), /node "n1" is not allowed to modify/);
    await assert.rejects(node.delete(Pod, 'pod-n2'), /node "n1" can only delete pods with/);
  };

  test('what cannot join is told why, and what helps', async () => {
    const [, , , , token = ''] = joinWords;
    const id = token.slice(0, 6);
    const secretOf = '0123456789abcdef';
    const gone = 'zzzzzz.0123456789abcdef';
    assert.match(
      await refusal(...replaced(joinWords, '--token', `${id}.${secretOf}`), ...own('n4')),
      new RegExp(`not signed with the token ${id}: its secret is another one.* token create`),
    );
    const pin = '--discovery-token-ca-cert-hash';
    const wrongPin = `sha256:${'0'.repeat(64)}`;
    assert.match(
      await refusal(...replaced(joinWords, pin, wrongPin), ...own('n4')),
      /no certificate authority with the given --discovery-token-ca-cert-hash, but sha256:/,
    );
    assert.match(
      await refusal(...joinWords.slice(0, 5), ...own('n4')),
      /^error: --join without --discovery-token-ca-cert-hash: .*--discovery-token-unsafe-skip/,
    );
    assert.match(await refusal('node', ...own('n4')), /belongs to no node of a cluster yet; type/);
    await writeFile(join(open.path, 'file'), '');
    assert.match(
      await refusal(...joinWords, ...own('n4'), '--data-dir', join(open.path, 'file')),
      /^error: .*(ENOTDIR|EEXIST)/,
    );
    assert.match(
      await refusal(...replaced(joinWords, '--token', gone), ...own('n4')),
      /knows no token with the ID zzzzzz: it has expired or was deleted; make a new one with/,
    );
    assert.deepEqual(await readdir(join(open.path, 'n4/pki')), [], 'nothing was asked for');
  });

  test('a machine that waits for somebody goes on where it was when it is ended and begins anew', async () => {
    const groups = 'system:bootstrappers:slow';
    await admin.create(ClusterRoleBinding, {
      metadata: { name: 'slow' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'system:node-bootstrapper',
      },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: groups }],
    });
    const words = await newJoinWords('--groups', groups);
    const nextRequest = async (): Promise<CertificateSigningRequest> => {
      for await (const event of admin.watch(CertificateSigningRequest)) {
        if (event.type !== 'ADDED' && event.type !== 'MODIFIED') continue;
        const { spec, status } = event.object;
        const isOfSlow = spec?.groups?.includes(groups) === true;
        if (isOfSlow && status?.conditions === undefined) return event.object;
      }
      throw new Error('the watch has ended');
    };
    const decide = async (type: 'Approved' | 'Denied'): Promise<string> => {
      const request = await nextRequest();
      const { name = '' } = request.metadata ?? {};
      const conditions = [{ type, status: 'True', reason: 'ByHand', message: 'said so' }] as const;
      await admin
        .subresource(CertificateSigningRequest, name, 'approval')
        .replace({ ...request, status: { conditions } });
      return name;
    };
    const first = shell.start(...words, ...own('n5'));
    const asked = await nextRequest();
    first.interrupt();
    assert.equal((await first.ended).exitCode, 0);
    const denied = shell.start(...words, ...own('n5'));
    assert.equal(await decide('Denied'), asked.metadata?.name);
    const { exitCode, err } = await denied.ended;
    assert.match(
      `${exitCode} ${err}`,
      /^1 error: the cluster gives the node n5 no certificate: the request was denied: ByHand: said so/,
    );
    await using node = shell.start(...words, ...own('n5'));
    assert.notEqual(await decide('Approved'), asked.metadata?.name);
    await node.until(joinedWords);
    await admin.waitFor(Node, 'n5', { condition: 'Ready' });
  });

  test('an API server that is away is waited for', async () => {
    const away = replaced(joinWords, '--join', 'https://127.0.0.1:9');
    const waiting = shell.start(...away, ...own('n6'));
    await waiting.until('the API server is not reached, and asked again');
    waiting.interrupt();
    const ended: Printed & { readonly exitCode: number } = await waiting.ended;
    assert.deepEqual([ended.exitCode, ended.err.split('\n').length], [0, 2], ended.err);
  });
});

async function processesOf(directory: string): Promise<readonly string[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    names.map((name) => readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')),
  );
  return commands.filter((command) => command.includes(`${directory}/`));
}
