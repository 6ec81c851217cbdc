import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { connect } from '@fairway/client/connect';
import { nodejsHost } from '@fairway/host/nodejs';
import { Node } from '@fairway/kinds/core/v1';
import { skipWithoutContainerd } from '@fairway/node-agent/testing';
import { commandLine, scratchFolder } from './command-line.ts';

/** Networks that no other cluster of this machine has. */
const [second = 0, third = 0] = nodejsHost().random.bytes(2);
const pods = `10.${160 + (second % 32)}.${third}`;
const services = `172.30.${third}`;
const first = [`--cluster-cidr=${pods}.0/24`, `--service-cluster-ip-range=${services}.0/24`];
const up = ['up', '--listen=127.0.0.1:0', '--node-name=n1', '--node-cidr-mask-size=24'];

test(
  'a cluster keeps its first addresses, and no other ranges hide whose they are',
  { skip: await skipWithoutContainerd() },
  async () => {
    await using folder = await scratchFolder();
    const shell = commandLine(folder.path);
    const cluster = shell.start(...up, ...first, '--node=none');
    await cluster.until('Stop it with');
    {
      await using admin = await connect({ kubeconfig: join(folder.path, '.fairway/kubeconfig') });
      await admin.create(Node, { metadata: { name: 'n1' } });
      const hasNetwork = (node: Node | undefined): boolean => node?.spec?.podCIDR !== undefined;
      await admin.waitFor(Node, 'n1', hasNetwork);
    }
    cluster.interrupt();
    await cluster.ended;

    const refusal = async (...flags: readonly string[]): Promise<string> => {
      const { exitCode, err } = await shell.run(...up, ...flags, '--node=containerd');
      assert.equal(exitCode, 1);
      return err;
    };
    const otherPods = await refusal(...first, '--cluster-cidr=10.159.0.0/16');
    assert.match(otherPods, /the pods of this node have \S+, which is not in 10\.159\.0\.0\/16/);
    const otherServices = await refusal(...first, '--service-cluster-ip-range=172.31.9.0/24');
    assert.match(otherServices, /the service kubernetes has \S+\.1, which is not in 172\.31\.9\.0/);
    for (const network of [`${pods}.0_24`, `${services}.0_24`]) {
      await using lock = await nodejsHost().files.lock(`/run/fairway-networks/${network}`);
      assert.ok(lock);
      const taken = await refusal(...first);
      assert.match(taken, /another cluster of this machine has addresses of \S+: give this one/);
      assert.ok(taken.includes(network.replace('_', '/')), taken);
    }

    const moved = shell.start(...up, '--service-cluster-ip-range=172.31.9.0/24', '--node=none');
    const { out } = await moved.until('Stop it with');
    assert.ok((await namesOf(out)).includes(`IP Address:${services}.1`));
    moved.interrupt();
    await moved.ended;
  },
);

/** What the certificate of a cluster is for. */
async function namesOf(out: string): Promise<string> {
  const [, port = ''] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(out) ?? [];
  const socket = connectTls({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}
