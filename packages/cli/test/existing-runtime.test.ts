import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '@fairway/client/connect';
import { logs } from '@fairway/client/streams';
import { Node, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { openTestContainerd, skipWithoutContainerd } from '@fairway/node-agent/testing';
import { commandLine, scratchFolder } from './command-line.ts';

test(
  'pods run in a container runtime that is there already, which stays when the node ends',
  { skip: await skipWithoutContainerd() },
  async () => {
    await using containerd = await openTestContainerd();
    await using folder = await scratchFolder();
    const shell = commandLine(folder.path);
    const up = ['up', '--memory', '--listen=127.0.0.1:0', '--node-name=n1'];
    const wrong = await shell.run(...up, '--container-runtime-endpoint=unix:///run/no.sock');
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.err, /nobody answers at unix:\/\/\/run\/no\.sock: .*is the runtime running/);
    const alone = await shell.run(...up, '--node=containerd', '--node-ip=127.0.0.1');
    assert.match(alone.err, /pods do not reach this machine at 127\.0\.0\.1: .* --node-ip/);
    const { socketPath } = containerd.client;
    const ownNetworks = [
      '--cluster-cidr=10.63.0.0/16',
      '--service-cluster-ip-range=172.31.63.0/24',
    ];
    const endpoint = `--container-runtime-endpoint=unix://${socketPath}`;
    const cluster = shell.start(...up, ...ownNetworks, endpoint);
    const { out } = await cluster.until('Stop it with');
    assert.match(out, /^ {2}pods {8}run in containerd:\/\/\S+ at unix:\/\//m);
    {
      await using admin = await connect({ kubeconfig: join(folder.path, '.fairway/kubeconfig') });
      await admin.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
      const command = ['sh', '-c', 'echo begun; exec sleep 1000'];
      const containers = [{ name: 'app', image: containerd.image, command }];
      const spec = { terminationGracePeriodSeconds: 0, containers };
      await admin.create(Pod, { metadata: { name: 'app' }, spec });
      const pod = await admin.waitFor(Pod, 'app', { condition: 'Ready' });
      assert.deepEqual(await Array.fromAsync(logs(admin, 'app')), ['begun']);
      const [held] = await containerd.runtime.listPods();
      assert.equal(held?.uid, pod?.metadata?.uid);
      const node = await admin.get(Node, 'n1');
      assert.match(node.status?.nodeInfo?.containerRuntimeVersion ?? '', /^containerd:\/\//);
    }
    cluster.interrupt();
    assert.equal((await cluster.ended).exitCode, 0);
    assert.deepEqual(await containerd.runtime.listPods(), []);
    assert.equal(await containerd.runtime.problem(), undefined);
  },
);
